-- How far each version of each read model has come.
CREATE TABLE read_models (
    name text NOT NULL,
    version integer NOT NULL,
    position bigint NOT NULL DEFAULT 0,
    state text NOT NULL DEFAULT 'building' CHECK (state IN ('live', 'building', 'failed')),
    error text,
    error_position bigint,
    updated_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (name, version)
) WITH (fillfactor = 50);             -- one row a read model, updated with every batch, in place
GRANT SELECT, INSERT, UPDATE, DELETE ON read_models TO pledges_app;

-- Each version of a read model has a schema in which the application makes its tables. The application makes,
-- exchanges and drops these schemas through the functions below, and no other ones.
CREATE FUNCTION refuse_other_schema(schema_name text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    IF schema_name !~ '^pledges_[a-z_]+_[0-9]+(_building|_dropped)?$' THEN
        RAISE EXCEPTION '% is no schema of a read model', schema_name USING ERRCODE = 'insufficient_privilege';
    END IF;
END $$;

CREATE FUNCTION create_read_model_schema(schema_name text) RETURNS void LANGUAGE plpgsql
SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM pledges.refuse_other_schema(schema_name);
    EXECUTE format('CREATE SCHEMA IF NOT EXISTS %I', schema_name);
    EXECUTE format('GRANT USAGE, CREATE ON SCHEMA %I TO pledges_app', schema_name);
END $$;

CREATE FUNCTION drop_read_model_schema(schema_name text) RETURNS void LANGUAGE plpgsql
SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM pledges.refuse_other_schema(schema_name);
    EXECUTE format('DROP SCHEMA IF EXISTS %I CASCADE', schema_name);
END $$;

-- What was built beside becomes what is read; what was read waits to be dropped.
CREATE FUNCTION exchange_read_model_schema(schema_name text) RETURNS void LANGUAGE plpgsql
SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM pledges.refuse_other_schema(schema_name);
    EXECUTE format('DROP SCHEMA IF EXISTS %I CASCADE', schema_name || '_dropped');
    IF to_regnamespace(quote_ident(schema_name)) IS NOT NULL THEN
        EXECUTE format('ALTER SCHEMA %I RENAME TO %I', schema_name, schema_name || '_dropped');
    END IF;
    EXECUTE format('ALTER SCHEMA %I RENAME TO %I', schema_name || '_building', schema_name);
END $$;

REVOKE EXECUTE ON FUNCTION create_read_model_schema, drop_read_model_schema, exchange_read_model_schema FROM PUBLIC;
GRANT EXECUTE ON FUNCTION create_read_model_schema, drop_read_model_schema, exchange_read_model_schema TO pledges_app;
