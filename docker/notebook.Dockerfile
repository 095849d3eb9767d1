# The platform with JupyterLab and the notebook on drift, for whoever looks at tables by hand.
# Built by `make images IMAGES="platform notebook"`; docs/DEPLOYMENT.md says more, docs/adr/0048 why.
# A release fills in name@digest.
ARG BASE=python:3.11-slim-bookworm
ARG PLATFORM=credit-platform/platform:dev

FROM ${BASE} AS libraries
ARG SOURCE_DATE_EPOCH=315532800
SHELL ["/bin/sh", "-euc"]
WORKDIR /build
COPY scripts/__init__.py scripts/uv_like_pip.py scripts/
COPY requirements/bootstrap.txt requirements/platform.txt requirements/notebook.txt requirements/
COPY docker/beside.sh docker/install.sh docker/
RUN --mount=type=cache,target=/cache sh docker/beside.sh requirements/notebook.txt notebook
COPY docker/lay_out.sh docker/notebook.sh docker/sbom.py docker/
COPY docs/notebooks/drift.ipynb /opt/notebooks/
RUN install -m 0755 docker/notebook.sh /opt/notebook.sh \
  && python3 docker/sbom.py notebook requirements/notebook.txt /libraries \
  && sh docker/lay_out.sh /libraries /opt/notebook /opt/notebooks /opt/notebook.sh \
       /opt/venv/lib/python3*/site-packages/notebook.pth /opt/venv/share/jupyter /opt/venv/etc/jupyter

# hadolint ignore=DL3006
FROM ${PLATFORM}
COPY --from=libraries /libraries/ /
USER 10001:10001
EXPOSE 8888
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s --retries=3 CMD ["python", "/opt/health.py", "http://127.0.0.1:8888/login"]
ENTRYPOINT ["/opt/secrets.sh"]
CMD ["/opt/notebook.sh"]
# Last, so that another commit makes no other layer.
ARG VERSION=0.1.0
ARG REVISION=unknown
ARG CREATED=1980-01-01T00:00:00Z
LABEL org.opencontainers.image.title="credit-platform/notebook" \
      org.opencontainers.image.description="The platform with JupyterLab and the notebook on drift." \
      org.opencontainers.image.source="https://github.com/pret-a-depenser/credit_platform" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}" \
      org.opencontainers.image.created="${CREATED}"
