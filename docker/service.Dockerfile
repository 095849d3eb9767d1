# What a Bento runs in. Its code and its model are the Bento's: mount one, and start in its folder src.
# Built by `make images` or `docker build -f docker/service.Dockerfile .`; docs/DEPLOYMENT.md says more, docs/adr/0041 why.
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
COPY requirements/bootstrap.txt requirements/serving.txt requirements/
COPY docker/install.sh docker/
RUN --mount=type=cache,target=/cache sh docker/install.sh requirements/serving.txt
COPY docker/compile.py docker/health.py docker/lay_out.sh docker/sbom.py docker/secrets.sh docker/user.sh docker/
RUN /opt/venv/bin/python docker/compile.py \
    bentoml _bentoml_impl.server.app uvicorn.protocols.http.httptools_impl uvloop polars narwhals \
    lightgbm xgboost numpy orjson obstore sqlalchemy.dialects.postgresql.psycopg psycopg \
    prometheus_client pydantic_settings starlette.applications \
  && install -m 0644 docker/health.py /opt/health.py && install -m 0755 docker/secrets.sh /opt/secrets.sh \
  && sh docker/user.sh /libraries \
  && /opt/venv/bin/python docker/sbom.py service requirements/serving.txt /libraries libgomp1 \
  && sh docker/lay_out.sh /libraries /opt/health.py /opt/secrets.sh /opt/venv /usr/lib/*/libgomp.so.1*

FROM ${BASE}
COPY --from=libraries /libraries/ /
ENV PATH=/opt/venv/bin:$PATH \
    HOME=/tmp \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    DO_NOT_TRACK=true
USER 10001:10001
EXPOSE 3000
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s --retries=3 CMD ["python", "/opt/health.py", "http://127.0.0.1:3000/livez"]
ENTRYPOINT ["/opt/secrets.sh"]
CMD ["python", "-m", "bento", "--host", "0.0.0.0", "--port", "3000"]
# Last, so that another commit makes no other layer.
ARG VERSION=0.2.0
ARG REVISION=unknown
ARG CREATED=1980-01-01T00:00:00Z
LABEL org.opencontainers.image.title="credit-platform/service" \
      org.opencontainers.image.description="What a Bento of credit_platform runs in; it holds no model." \
      org.opencontainers.image.source="https://github.com/pret-a-depenser/credit_platform" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}" \
      org.opencontainers.image.created="${CREATED}"
