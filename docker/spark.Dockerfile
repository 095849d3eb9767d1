# The platform with Spark: PySpark and the Java that runs it, on the image platform. For runs with CREDIT_PLATFORM_ENGINE=spark.
# Built by `make images IMAGES="platform spark"`; docs/DEPLOYMENT.md says more, docs/adr/0048 why.
# A release fills in name@digest.
ARG BASE=python:3.11-slim-bookworm
ARG PLATFORM=credit-platform/platform:dev

FROM ${BASE} AS libraries
ARG SOURCE_DATE_EPOCH=315532800
SHELL ["/bin/sh", "-euc"]
WORKDIR /build
# Its version is that of the base's Debian. An archive of classes says when it was made, and is but a quicker start.
# hadolint ignore=DL3008
RUN cp /var/lib/dpkg/status dpkg-status && mkdir -p /usr/share/man/man1 \
  && apt-get update --quiet --quiet && apt-get install --quiet --quiet --yes --no-install-recommends openjdk-17-jre-headless \
  && rm -rf /var/lib/apt/lists/* \
  && find /usr/lib/jvm -name '*.jsa' -delete \
  && ln -s "java-17-openjdk-$(dpkg --print-architecture)" /usr/lib/jvm/java
COPY scripts/__init__.py scripts/uv_like_pip.py scripts/
COPY requirements/bootstrap.txt requirements/platform.txt requirements/spark.txt requirements/
COPY docker/beside.sh docker/install.sh docker/
RUN --mount=type=cache,target=/cache sh docker/beside.sh requirements/spark.txt spark
COPY docker/lay_out.sh docker/sbom.py docker/
RUN python3 docker/sbom.py spark requirements/spark.txt /libraries openjdk-17-jre-headless \
  && sh docker/lay_out.sh /libraries /opt/spark /opt/venv/lib/python3*/site-packages/spark.pth /usr/lib/jvm /etc/java-17-openjdk

# hadolint ignore=DL3006
FROM ${PLATFORM}
COPY --from=libraries /libraries/ /
ENV JAVA_HOME=/usr/lib/jvm/java \
    CREDIT_PLATFORM_ENGINE=spark
USER 10001:10001
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s --retries=3 CMD ["python", "/opt/health.py", "grpc://127.0.0.1:4000"]
ENTRYPOINT ["/opt/secrets.sh"]
CMD ["dagster", "api", "grpc", "--host", "0.0.0.0", "--port", "4000", "--module-name", "credit_platform.definitions", "--location-name", "credit_platform"]
# Last, so that another commit makes no other layer.
ARG VERSION=0.1.0
ARG REVISION=unknown
ARG CREATED=1980-01-01T00:00:00Z
LABEL org.opencontainers.image.title="credit-platform/spark" \
      org.opencontainers.image.description="The platform with PySpark and Java." \
      org.opencontainers.image.source="https://github.com/pret-a-depenser/credit_platform" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}" \
      org.opencontainers.image.created="${CREATED}"
