-- Run once by psql where the server is made (docker-compose.yml): who the web and the workers connect as.
-- What that role may do is granted by the migrations.
\getenv password PLEDGES_APP_PASSWORD
CREATE ROLE pledges_app LOGIN PASSWORD :'password';
