# The register in one image: `pledges web`, `pledges work`, `pledges migrate`, or `pledges serve` for all in one.
# It runs as an unprivileged user and writes to /var/lib/pledges, /var/lib/pledges-files and /tmp alone, so its root can be read-only.

FROM python:3.13-slim AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
RUN python -m venv /opt/pledges
COPY requirements.txt /src/
RUN /opt/pledges/bin/pip install --require-hashes -r /src/requirements.txt
COPY pyproject.toml README.md LICENSE /src/
COPY domain /src/domain
COPY projections /src/projections
COPY web /src/web
COPY workers /src/workers
RUN /opt/pledges/bin/pip install --no-deps --no-build-isolation /src

FROM python:3.13-slim
# The embedded PostgreSQL asks for the name of whoever runs it, so the user needs an entry of its own.
RUN useradd --system --uid 10001 --home-dir /var/lib/pledges --create-home --shell /usr/sbin/nologin pledges \
    && install --directory --owner=pledges --mode=0700 /var/lib/pledges-files
COPY --from=build /opt/pledges /opt/pledges
ENV PATH=/opt/pledges/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    PLEDGES_DATA=/var/lib/pledges \
    PLEDGES_LOG=json
USER 10001
WORKDIR /var/lib/pledges
VOLUME /var/lib/pledges
EXPOSE 8000
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=3s --start-period=30s --retries=3 \
    CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8000/healthz', timeout=2)"]
CMD ["pledges", "serve", "--host", "0.0.0.0", "--port", "8000"]
