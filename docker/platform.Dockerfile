# The platform: code location, runs, exporter, notices, migrations, the command line. No model, no secret, no compiler.
# Built by `make images` or `docker build -f docker/platform.Dockerfile .`; docs/DEPLOYMENT.md says more, docs/adr/0041 why.
# A release fills in name@digest.
ARG BASE=python:3.11-slim-bookworm

FROM ${BASE} AS libraries
ARG SOURCE_DATE_EPOCH=315532800
SHELL ["/bin/sh", "-euc"]
WORKDIR /build
# OpenMP, which LightGBM and XGBoost are linked with. Its version is that of the base's Debian.
# hadolint ignore=DL3008
RUN cp /var/lib/dpkg/status dpkg-status \
  && apt-get update --quiet --quiet && apt-get install --quiet --quiet --yes --no-install-recommends libgomp1 \
  && rm -rf /var/lib/apt/lists/*
COPY scripts/__init__.py scripts/uv_like_pip.py scripts/
COPY requirements/bootstrap.txt requirements/platform.txt requirements/
COPY docker/install.sh docker/
RUN --mount=type=cache,target=/cache sh docker/install.sh requirements/platform.txt streamlit pydeck altair
COPY docker/compile.py docker/health.py docker/lay_out.sh docker/sbom.py docker/secrets.sh docker/user.sh docker/
RUN /opt/venv/bin/python docker/compile.py \
    dagster dagster._cli dagster._grpc.server dagster_postgres polars deltalake pandera.polars obstore \
    sqlalchemy.dialects.postgresql.psycopg psycopg numpy pandas pyarrow sklearn.linear_model scipy.stats \
    lightgbm mlflow optuna starlette.applications uvicorn httpx rich.console typer prometheus_client \
    orjson jinja2 pydantic_settings evidently evidently.metrics evidently.presets \
  && install -m 0644 docker/health.py /opt/health.py && install -m 0755 docker/secrets.sh /opt/secrets.sh \
  && sh docker/user.sh /libraries \
  && /opt/venv/bin/python docker/sbom.py platform requirements/platform.txt /libraries libgomp1 \
  && sh docker/lay_out.sh /libraries /opt/health.py /opt/secrets.sh /opt/venv /usr/lib/*/libgomp.so.1*

FROM libraries AS code
COPY docker/project.sh docker/
COPY pyproject.toml README.md LICENSE /opt/credit-platform/
COPY requirements/serving.txt /opt/credit-platform/requirements/
COPY bento /opt/credit-platform/bento
COPY credit_platform /opt/credit-platform/credit_platform
RUN sh docker/project.sh /code

FROM ${BASE}
COPY --from=libraries /libraries/ /
COPY --from=code /code/ /
ENV PATH=/opt/venv/bin:$PATH \
    HOME=/tmp \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    DO_NOT_TRACK=true
USER 10001:10001
EXPOSE 4000
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s --retries=3 CMD ["python", "/opt/health.py", "grpc://127.0.0.1:4000"]
ENTRYPOINT ["/opt/secrets.sh"]
CMD ["dagster", "api", "grpc", "--host", "0.0.0.0", "--port", "4000", "--module-name", "credit_platform.definitions", "--location-name", "credit_platform"]
# Last, so that another commit makes no other layer.
ARG VERSION=0.1.0
ARG REVISION=unknown
ARG CREATED=1980-01-01T00:00:00Z
LABEL org.opencontainers.image.title="credit-platform/platform" \
      org.opencontainers.image.description="Code location, runs, exporter, notices and the command line of credit_platform." \
      org.opencontainers.image.source="https://github.com/pret-a-depenser/credit_platform" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}" \
      org.opencontainers.image.created="${CREATED}"
