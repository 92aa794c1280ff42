-- The database's two roles, its extensions and the privileges that new tables get. Idempotent.
-- Run by psql as a superuser, with the two passwords in the environment: by the embedded servers at their first
-- start, and by docker-compose.yml's PostgreSQL when it makes its volume.
\set ON_ERROR_STOP on
\getenv owner_password INTAKE_OWNER_PASSWORD
\getenv app_password INTAKE_APP_PASSWORD

SELECT 'CREATE ROLE intake_owner' WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'intake_owner') \gexec
SELECT 'CREATE ROLE intake_app' WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'intake_app') \gexec
ALTER ROLE intake_owner WITH LOGIN NOSUPERUSER NOCREATEROLE NOREPLICATION PASSWORD :'owner_password';
ALTER ROLE intake_app WITH LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION PASSWORD :'app_password';
-- A migration that waits for a lock stops everyone behind it: it fails instead, and is run again.
ALTER ROLE intake_owner SET lock_timeout = '10s';

-- In template1, so that every database made from it, the tests' included, has them.
\connect template1
CREATE EXTENSION IF NOT EXISTS pg_trgm;
CREATE EXTENSION IF NOT EXISTS unaccent;
CREATE EXTENSION IF NOT EXISTS pg_stat_statements;
ALTER DEFAULT PRIVILEGES FOR ROLE intake_owner GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO intake_app;
ALTER DEFAULT PRIVILEGES FOR ROLE intake_owner GRANT USAGE, SELECT ON SEQUENCES TO intake_app;

\connect postgres
SELECT 'CREATE DATABASE intake OWNER intake_owner TEMPLATE template1'
WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = 'intake') \gexec
REVOKE ALL ON DATABASE intake FROM PUBLIC;
GRANT CONNECT ON DATABASE intake TO intake_app;
