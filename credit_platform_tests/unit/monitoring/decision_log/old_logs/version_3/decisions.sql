BEGIN TRANSACTION;
CREATE TABLE decision_log_checkpoints (
	writer VARCHAR(40) NOT NULL, 
	lines INTEGER NOT NULL, 
	digest VARCHAR(64) NOT NULL, 
	PRIMARY KEY (writer)
);
INSERT INTO "decision_log_checkpoints" VALUES('77ba6759ca8d1323',7,'158ade3f19fa9d3696a770745fe427ef0eb1ae8e90d865d96f85809a7fa7d5dd');
CREATE TABLE decision_log_migrations (
	version INTEGER NOT NULL, 
	applied_at DATETIME NOT NULL, 
	description TEXT NOT NULL, 
	PRIMARY KEY (version)
);
INSERT INTO "decision_log_migrations" VALUES(1,'2026-11-30 10:25:07.880425','Decisions and the removal of decisions');
INSERT INTO "decision_log_migrations" VALUES(2,'2026-11-30 10:25:07.881778','What challengers say of decided requests');
INSERT INTO "decision_log_migrations" VALUES(3,'2026-11-30 10:25:07.883780','A hash chain for each writer');
CREATE TABLE decisions (
	id INTEGER NOT NULL, 
	decided_at DATETIME NOT NULL, 
	request_id VARCHAR(160) NOT NULL, 
	applicant_id VARCHAR(64), 
	client VARCHAR(64), 
	portfolio VARCHAR(64) NOT NULL, 
	inputs TEXT, 
	inputs_digest VARCHAR(64) NOT NULL, 
	features TEXT NOT NULL, 
	probability DOUBLE NOT NULL, 
	decision VARCHAR(16) NOT NULL, 
	threshold DOUBLE NOT NULL, 
	points INTEGER NOT NULL, 
	language VARCHAR(8) NOT NULL, 
	answer TEXT NOT NULL, 
	model_name VARCHAR(128) NOT NULL, 
	model_version VARCHAR(64) NOT NULL, 
	model_digest VARCHAR(64) NOT NULL, 
	feature_version VARCHAR(64) NOT NULL, 
	latency_ms DOUBLE NOT NULL, 
	writer VARCHAR(40), 
	sequence BIGINT, 
	link VARCHAR(64), 
	salt VARCHAR(32), 
	PRIMARY KEY (id), 
	UNIQUE (request_id)
);
INSERT INTO "decisions" VALUES(1,'2026-11-21 09:30:00.123456','single','A-1','0123abcd','german_credit','{"amount":1}','dddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddd','{"amount": 0.30000000000000004, "purpose": "\u00e9lev\u00e9", "empty": null, "odd": NaN}',3.00000000000000044408e-01,'refused',1.66666666666666657414e-01,500,'fr','{"request_id": "single", "reasons": [{"code": "amount"}]}','german_credit','abc','eeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeee','f',1.5,'77ba6759ca8d1323',1,'c863fbab03913e92755aef7b1292bb34fe05160ec3b67bec8ea4f5217740fcf5','392be3b0c11b5a34d0038894cdf7472a');
INSERT INTO "decisions" VALUES(2,'2026-11-21 09:30:00.123456','other','A-1','beefbeef','german_credit','{"amount":1}','dddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddd','{"amount": 0.30000000000000004, "purpose": "\u00e9lev\u00e9", "empty": null, "odd": NaN}',3.00000000000000044408e-01,'refused',1.66666666666666657414e-01,500,'fr','{"request_id": "other", "reasons": [{"code": "amount"}]}','german_credit','abc','eeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeee','f',1.5,'77ba6759ca8d1323',2,'98130109802a94fd39a33ea51891d4a5f26305f040743e032acf2b7af4a28c8e','7ed78093950d06982b152a7c018f94fd');
INSERT INTO "decisions" VALUES(3,'2026-11-21 09:30:00.123456','nobody','A-1',NULL,'german_credit','{"amount":1}','dddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddd','{"amount": 0.30000000000000004, "purpose": "\u00e9lev\u00e9", "empty": null, "odd": NaN}',3.00000000000000044408e-01,'refused',1.66666666666666657414e-01,500,'fr','{"request_id": "nobody", "reasons": [{"code": "amount"}]}','german_credit','abc','eeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeee','f',1.5,'77ba6759ca8d1323',3,'4fc52ca69ae62ac776b5b2fc8baf5e2acbb6feb2e982fb8a9bbda77df6361627','2f5ce986ed662c80cae67a2f1b1f9f49');
INSERT INTO "decisions" VALUES(4,'2026-11-21 09:30:00.123456','batch:0','B-0',NULL,'german_credit','{"amount":1}','dddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddd','{"amount": 0.30000000000000004, "purpose": "\u00e9lev\u00e9", "empty": null, "odd": NaN}',3.00000000000000044408e-01,'refused',1.66666666666666657414e-01,500,'fr','{"request_id": "batch:0", "reasons": [{"code": "amount"}]}','german_credit','abc','eeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeee','f',1.5,'77ba6759ca8d1323',4,'b16d90b551d8ffff4bd613948739f701bf2f27ca9cba9cdc3af74d250c65d28e','76ca6d6df54698f2411f278b5bc1c130');
INSERT INTO "decisions" VALUES(5,'2026-11-21 09:30:00.123456','batch:1','B-1',NULL,'german_credit','{"amount":1}','dddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddd','{"amount": 0.30000000000000004, "purpose": "\u00e9lev\u00e9", "empty": null, "odd": NaN}',3.00000000000000044408e-01,'refused',1.66666666666666657414e-01,500,'fr','{"request_id": "batch:1", "reasons": [{"code": "amount"}]}','german_credit','abc','eeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeee','f',1.5,'77ba6759ca8d1323',5,'8595d3fd250f916f5fca37fafca4745c527662a2ee6e649d4375da883bef2122','ce55ceef4ec9489ddb100e5c92eb4eea');
INSERT INTO "decisions" VALUES(6,'2026-11-21 09:30:00.123456','batch:2','B-2',NULL,'german_credit','{"amount":1}','dddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddd','{"amount": 0.30000000000000004, "purpose": "\u00e9lev\u00e9", "empty": null, "odd": NaN}',3.00000000000000044408e-01,'refused',1.66666666666666657414e-01,500,'fr','{"request_id": "batch:2", "reasons": [{"code": "amount"}]}','german_credit','abc','eeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeee','f',1.5,'77ba6759ca8d1323',6,'acf1906cc03efbd2780793956c5fe5e4c397b90aeba5bc91df9454ebdac068b2','b02ef70a70fe52101d9587bdede0ab31');
CREATE TABLE removals (
	id INTEGER NOT NULL, 
	removed_at DATETIME NOT NULL, 
	kind VARCHAR(16) NOT NULL, 
	decided_before DATETIME, 
	decisions INTEGER NOT NULL, 
	portfolio VARCHAR(64), 
	person TEXT, 
	account TEXT, 
	reason TEXT, 
	rows_digest VARCHAR(64), 
	writer VARCHAR(40), 
	sequence BIGINT, 
	link VARCHAR(64), 
	PRIMARY KEY (id)
);
INSERT INTO "removals" VALUES(1,'2026-11-30 10:25:08.972753','erasure',NULL,1,NULL,'K. Auditor','tester','a test','93d3d7747500e14cf7633c5d2e0881044db004190e644085297b9a06159b3e44','77ba6759ca8d1323',8,'49fc4e2bff9f404e554667ae0c29509c70c29d53cdfece9375c0fae24c750bf0');
CREATE TABLE removed_decisions (
	writer VARCHAR(40) NOT NULL, 
	sequence BIGINT NOT NULL, 
	content VARCHAR(64) NOT NULL, 
	link VARCHAR(64) NOT NULL, 
	removal_id BIGINT NOT NULL, 
	PRIMARY KEY (writer, sequence), 
	FOREIGN KEY(removal_id) REFERENCES removals (id)
);
INSERT INTO "removed_decisions" VALUES('77ba6759ca8d1323',7,'699c898caf38e5ae50d02adc688ad3df62614393b9bd557aba57b8e127a6a4ac','d9f1e5de5ad575bfc4941f57951b7d05caed067b73f7a4cc352b549abfac9cbe',1);
CREATE TABLE shadow_decisions (
	request_id VARCHAR(160) NOT NULL, 
	model_digest VARCHAR(64) NOT NULL, 
	scored_at DATETIME NOT NULL, 
	model_name VARCHAR(128) NOT NULL, 
	model_version VARCHAR(64) NOT NULL, 
	feature_version VARCHAR(64) NOT NULL, 
	probability DOUBLE NOT NULL, 
	decision VARCHAR(16) NOT NULL, 
	threshold DOUBLE NOT NULL, 
	PRIMARY KEY (request_id, model_digest), 
	FOREIGN KEY(request_id) REFERENCES decisions (request_id) ON DELETE CASCADE
);
INSERT INTO "shadow_decisions" VALUES('single','cccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccc','2026-11-21 12:00:00.000000','m','v','f',0.3,'accepted',0.5);
INSERT INTO "shadow_decisions" VALUES('batch:1','cccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccc','2026-11-21 12:00:00.000000','m','v','f',0.3,'accepted',0.5);
CREATE INDEX ix_decisions_decided_at ON decisions (decided_at);
CREATE INDEX ix_decisions_applicant_id ON decisions (applicant_id);
CREATE UNIQUE INDEX decisions_place ON decisions (writer, sequence);
CREATE UNIQUE INDEX removals_place ON removals (writer, sequence);
CREATE INDEX ix_removed_decisions_removal_id ON removed_decisions (removal_id);
COMMIT;
