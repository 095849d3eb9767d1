# MLflow's pages over the tracking database; who reads its artefacts needs the store's key.
# Built by `make images` or `docker build -f docker/mlflow.Dockerfile .`; docs/DEPLOYMENT.md says more, docs/adr/0041 why.
# A release fills in name@digest.
ARG BASE=python:3.11-slim-bookworm

FROM ${BASE} AS libraries
ARG SOURCE_DATE_EPOCH=315532800
SHELL ["/bin/sh", "-euc"]
WORKDIR /build
COPY scripts/__init__.py scripts/uv_like_pip.py scripts/
COPY requirements/bootstrap.txt requirements/mlflow.txt requirements/
COPY docker/install.sh docker/
RUN --mount=type=cache,target=/cache sh docker/install.sh requirements/mlflow.txt
COPY docker/compile.py docker/health.py docker/lay_out.sh docker/sbom.py docker/secrets.sh docker/user.sh docker/
RUN /opt/venv/bin/python docker/compile.py \
    mlflow.cli mlflow.server.fastapi_app uvicorn boto3 psycopg sqlalchemy.dialects.postgresql.psycopg \
  && install -m 0644 docker/health.py /opt/health.py && install -m 0755 docker/secrets.sh /opt/secrets.sh \
  && sh docker/user.sh /libraries \
  && /opt/venv/bin/python docker/sbom.py mlflow requirements/mlflow.txt /libraries \
  && sh docker/lay_out.sh /libraries /opt/health.py /opt/secrets.sh /opt/venv

FROM ${BASE}
COPY --from=libraries /libraries/ /
ENV PATH=/opt/venv/bin:$PATH \
    HOME=/tmp \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    DO_NOT_TRACK=true
USER 10001:10001
EXPOSE 5000
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s --retries=3 CMD ["python", "/opt/health.py", "http://127.0.0.1:5000/health"]
ENTRYPOINT ["/opt/secrets.sh"]
CMD ["mlflow", "server", "--host", "0.0.0.0", "--port", "5000", "--workers", "1", "--no-serve-artifacts"]
# Last, so that another commit makes no other layer.
ARG VERSION=0.2.0
ARG REVISION=unknown
ARG CREATED=1980-01-01T00:00:00Z
LABEL org.opencontainers.image.title="credit-platform/mlflow" \
      org.opencontainers.image.description="MLflow's server over PostgreSQL and an object store." \
      org.opencontainers.image.source="https://github.com/pret-a-depenser/credit_platform" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}" \
      org.opencontainers.image.created="${CREATED}"
