CREATE SCHEMA IF NOT EXISTS `lending.credit_platform` OPTIONS (location = 'eu');

CREATE OR REPLACE EXTERNAL TABLE `lending.credit_platform.german_credit_decisions`
WITH CONNECTION `lending.eu.lakehouse`
OPTIONS (format = 'DELTA_LAKE', uris = ['gs://lending/lakehouse/german_credit/monitoring/decisions']);

CREATE OR REPLACE EXTERNAL TABLE `lending.credit_platform.german_credit_features`
WITH CONNECTION `lending.eu.lakehouse`
OPTIONS (format = 'DELTA_LAKE', uris = ['gs://lending/lakehouse/german_credit/features/applicants']);

CREATE OR REPLACE VIEW `lending.credit_platform.german_credit_decisions_by_day` AS
SELECT day, model_version, COUNT(*) AS decisions, COUNTIF(decision = 'accepted') AS accepted,
  COUNTIF(decision = 'refused') AS refused, COUNTIF(decision = 'review') AS review,
  AVG(probability) AS mean_probability, MIN(threshold) AS threshold
FROM `lending.credit_platform.german_credit_decisions`
GROUP BY day, model_version;
