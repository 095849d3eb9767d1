# The console of loan officers: Streamlit over the scoring service.
# Built by `make images` or `docker build -f docker/console.Dockerfile .`; docs/DEPLOYMENT.md says more, docs/adr/0041 why.
# A release fills in name@digest.
ARG BASE=python:3.11-slim-bookworm

FROM ${BASE} AS libraries
ARG SOURCE_DATE_EPOCH=315532800
SHELL ["/bin/sh", "-euc"]
WORKDIR /build
COPY scripts/__init__.py scripts/uv_like_pip.py scripts/
COPY requirements/bootstrap.txt requirements/console.txt requirements/
COPY docker/install.sh docker/
RUN --mount=type=cache,target=/cache sh docker/install.sh requirements/console.txt
COPY docker/compile.py docker/health.py docker/lay_out.sh docker/sbom.py docker/secrets.sh docker/user.sh docker/
RUN /opt/venv/bin/python docker/compile.py \
    streamlit.starlette streamlit.web.bootstrap uvicorn polars deltalake pandera.polars obstore \
    sqlalchemy httpx rich.console prometheus_client pydantic_settings pandas pyarrow \
  && install -m 0644 docker/health.py /opt/health.py && install -m 0755 docker/secrets.sh /opt/secrets.sh \
  && sh docker/user.sh /libraries \
  && /opt/venv/bin/python docker/sbom.py console requirements/console.txt /libraries \
  && sh docker/lay_out.sh /libraries /opt/health.py /opt/secrets.sh /opt/venv

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
EXPOSE 8501
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s --retries=3 CMD ["python", "/opt/health.py", "http://127.0.0.1:8501/_stcore/health"]
ENTRYPOINT ["/opt/secrets.sh"]
CMD ["python", "-m", "uvicorn", "credit_platform.console.asgi:app", "--host", "0.0.0.0", "--port", "8501", "--log-level", "warning", "--no-access-log", "--no-proxy-headers", "--timeout-graceful-shutdown", "10"]
# Last, so that another commit makes no other layer.
ARG VERSION=0.2.0
ARG REVISION=unknown
ARG CREATED=1980-01-01T00:00:00Z
LABEL org.opencontainers.image.title="credit-platform/console" \
      org.opencontainers.image.description="The console of loan officers." \
      org.opencontainers.image.source="https://github.com/pret-a-depenser/credit_platform" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}" \
      org.opencontainers.image.created="${CREATED}"
