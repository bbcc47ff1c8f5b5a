# Pinned by digest: the same octets whoever builds. docs/how-to/containers.md tells how to renew it.
ARG BASE=python:3.13-slim-trixie@sha256:9d2e5553305c7c7b0097999bb17187c69b921ccd6bc9d40e4bb5ebe652c00285

# hadolint ignore=DL3006
FROM ${BASE} AS build
WORKDIR /source
COPY requirements.txt requirements-build.txt ./
COPY .ci/install .ci/install
RUN sh .ci/install dependencies /opt/clonidine-watch
COPY pyproject.toml README.md LICENSE NOTICE ./
COPY models models
COPY service service
COPY api api
RUN sh .ci/install service /opt/clonidine-watch

# hadolint ignore=DL3006
FROM ${BASE}
LABEL org.opencontainers.image.title="Clonidine Watch" \
      org.opencontainers.image.description="FHIR R4 service that watches patients on clonidine for opioid withdrawal" \
      org.opencontainers.image.licenses="Apache-2.0"

# Group 0 may write: an orchestrator that runs us as a user of its own choice, as OpenShift does, keeps that group.
RUN install -d -o 10001 -g 0 -m 0770 /data
COPY --from=build /opt/clonidine-watch /opt/clonidine-watch

ENV PATH=/opt/clonidine-watch/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    HOME=/tmp \
    CLONIDINE_WATCH_HOST=0.0.0.0 \
    CLONIDINE_WATCH_PORT=8000 \
    CLONIDINE_WATCH_DATABASE_URL=sqlite:////data/clonidine-watch.db

# The number, not a name: an orchestrator can then prove that it is not root.
USER 10001:0
WORKDIR /data
VOLUME /data
EXPOSE 8000
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s --retries=3 \
    CMD ["python", "-c", "import os, urllib.request as http; http.urlopen(f\"http://127.0.0.1:{os.environ['CLONIDINE_WATCH_PORT']}/health/ready\", timeout=4)"]
ENTRYPOINT ["clonidine-watch"]
CMD ["serve"]
