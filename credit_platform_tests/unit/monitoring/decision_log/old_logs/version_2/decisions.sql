BEGIN TRANSACTION;
CREATE TABLE decision_log_migrations (
	version INTEGER NOT NULL, 
	applied_at DATETIME NOT NULL, 
	description TEXT NOT NULL, 
	PRIMARY KEY (version)
);
INSERT INTO "decision_log_migrations" VALUES(1,'2026-11-30 10:25:04.072924','Decisions and the removal of decisions');
INSERT INTO "decision_log_migrations" VALUES(2,'2026-11-30 10:25:04.074215','What challengers say of decided requests');
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
	PRIMARY KEY (id), 
	UNIQUE (request_id)
);
INSERT INTO "decisions" VALUES(1,'2026-11-21 09:30:00.123456','single','A-1','0123abcd','german_credit','{"amount":1}','dddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddd','{"amount": 0.30000000000000004, "purpose": "\u00e9lev\u00e9", "empty": null, "odd": NaN}',3.00000000000000044408e-01,'refused',1.66666666666666657414e-01,500,'fr','{"request_id": "single", "reasons": [{"code": "amount"}]}','german_credit','abc','eeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeee','f',1.5);
INSERT INTO "decisions" VALUES(2,'2026-11-21 09:30:00.123456','other','A-1','beefbeef','german_credit','{"amount":1}','dddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddd','{"amount": 0.30000000000000004, "purpose": "\u00e9lev\u00e9", "empty": null, "odd": NaN}',3.00000000000000044408e-01,'refused',1.66666666666666657414e-01,500,'fr','{"request_id": "other", "reasons": [{"code": "amount"}]}','german_credit','abc','eeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeee','f',1.5);
INSERT INTO "decisions" VALUES(3,'2026-11-21 09:30:00.123456','nobody','A-1',NULL,'german_credit','{"amount":1}','dddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddd','{"amount": 0.30000000000000004, "purpose": "\u00e9lev\u00e9", "empty": null, "odd": NaN}',3.00000000000000044408e-01,'refused',1.66666666666666657414e-01,500,'fr','{"request_id": "nobody", "reasons": [{"code": "amount"}]}','german_credit','abc','eeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeee','f',1.5);
INSERT INTO "decisions" VALUES(4,'2026-11-21 09:30:00.123456','batch:0','B-0',NULL,'german_credit','{"amount":1}','dddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddd','{"amount": 0.30000000000000004, "purpose": "\u00e9lev\u00e9", "empty": null, "odd": NaN}',3.00000000000000044408e-01,'refused',1.66666666666666657414e-01,500,'fr','{"request_id": "batch:0", "reasons": [{"code": "amount"}]}','german_credit','abc','eeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeee','f',1.5);
INSERT INTO "decisions" VALUES(5,'2026-11-21 09:30:00.123456','batch:1','B-1',NULL,'german_credit','{"amount":1}','dddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddd','{"amount": 0.30000000000000004, "purpose": "\u00e9lev\u00e9", "empty": null, "odd": NaN}',3.00000000000000044408e-01,'refused',1.66666666666666657414e-01,500,'fr','{"request_id": "batch:1", "reasons": [{"code": "amount"}]}','german_credit','abc','eeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeee','f',1.5);
INSERT INTO "decisions" VALUES(6,'2026-11-21 09:30:00.123456','batch:2','B-2',NULL,'german_credit','{"amount":1}','dddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddd','{"amount": 0.30000000000000004, "purpose": "\u00e9lev\u00e9", "empty": null, "odd": NaN}',3.00000000000000044408e-01,'refused',1.66666666666666657414e-01,500,'fr','{"request_id": "batch:2", "reasons": [{"code": "amount"}]}','german_credit','abc','eeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeee','f',1.5);
CREATE TABLE removals (
	id INTEGER NOT NULL, 
	removed_at DATETIME NOT NULL, 
	kind VARCHAR(16) NOT NULL, 
	decided_before DATETIME, 
	decisions INTEGER NOT NULL, 
	PRIMARY KEY (id)
);
INSERT INTO "removals" VALUES(1,'2026-11-30 10:25:05.339843','erasure',NULL,1);
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
COMMIT;
