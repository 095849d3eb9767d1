# Dagster's pages and daemon. They ask the code location, so that of our code only the launcher of runs is in here.
# Built by `make images` or `docker build -f docker/dagster.Dockerfile .`; docs/DEPLOYMENT.md says more, docs/adr/0041 why.
# A release fills in name@digest.
ARG BASE=python:3.11-slim-bookworm

FROM ${BASE} AS libraries
ARG SOURCE_DATE_EPOCH=315532800
SHELL ["/bin/sh", "-euc"]
WORKDIR /build
COPY scripts/__init__.py scripts/uv_like_pip.py scripts/
COPY requirements/bootstrap.txt requirements/dagster.txt requirements/
COPY docker/install.sh docker/
RUN --mount=type=cache,target=/cache sh docker/install.sh requirements/dagster.txt
# dagster.yaml names this launcher, which imports nothing else of ours.
COPY credit_platform/__init__.py /opt/launcher/credit_platform/
COPY credit_platform/orchestration/__init__.py credit_platform/orchestration/job_launcher.py /opt/launcher/credit_platform/orchestration/
COPY docker/compile.py docker/health.py docker/lay_out.sh docker/sbom.py docker/secrets.sh docker/user.sh docker/
RUN /opt/venv/bin/python docker/compile.py \
    dagster dagster._cli dagster._daemon.cli dagster_webserver.cli dagster_webserver.app \
    dagster_postgres dagster_k8s psycopg2 uvicorn \
  && install -m 0644 docker/health.py /opt/health.py && install -m 0755 docker/secrets.sh /opt/secrets.sh \
  && sh docker/user.sh /libraries \
  && /opt/venv/bin/python docker/sbom.py dagster requirements/dagster.txt /libraries \
  && sh docker/lay_out.sh /libraries /opt/health.py /opt/secrets.sh /opt/launcher /opt/venv

FROM ${BASE}
COPY --from=libraries /libraries/ /
ENV PATH=/opt/venv/bin:$PATH \
    PYTHONPATH=/opt/launcher \
    HOME=/tmp \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    DO_NOT_TRACK=true
USER 10001:10001
EXPOSE 3000
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s --retries=3 CMD ["python", "/opt/health.py", "http://127.0.0.1:3000/server_info"]
ENTRYPOINT ["/opt/secrets.sh"]
CMD ["dagster-webserver", "-h", "0.0.0.0", "-p", "3000", "-w", "/var/lib/dagster/workspace.yaml"]
# Last, so that another commit makes no other layer.
ARG VERSION=0.2.0
ARG REVISION=unknown
ARG CREATED=1980-01-01T00:00:00Z
LABEL org.opencontainers.image.title="credit-platform/dagster" \
      org.opencontainers.image.description="Webserver and daemon of Dagster, with the launcher of runs." \
      org.opencontainers.image.source="https://github.com/pret-a-depenser/credit_platform" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}" \
      org.opencontainers.image.created="${CREATED}"
