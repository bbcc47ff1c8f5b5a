FROM python:3.13-slim-trixie AS build
WORKDIR /source
COPY requirements.txt requirements-build.txt ./
COPY .ci/install .ci/install
RUN sh .ci/install dependencies /opt/clonidine-watch
COPY pyproject.toml README.md LICENSE NOTICE ./
COPY models models
COPY service service
COPY api api
RUN sh .ci/install service /opt/clonidine-watch

FROM python:3.13-slim-trixie
LABEL org.opencontainers.image.title="Clonidine Watch" \
      org.opencontainers.image.description="FHIR R4 service that watches patients on clonidine for opioid withdrawal" \
      org.opencontainers.image.licenses="Apache-2.0"

# The number, not a name: an orchestrator can then prove that it is not root.
RUN install -d -o 10001 -g 10001 /data
COPY --from=build /opt/clonidine-watch /opt/clonidine-watch

ENV PATH=/opt/clonidine-watch/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    CLONIDINE_WATCH_HOST=0.0.0.0 \
    CLONIDINE_WATCH_PORT=8000 \
    CLONIDINE_WATCH_DATABASE_URL=sqlite:////data/clonidine-watch.db

USER 10001:10001
WORKDIR /data
VOLUME /data
EXPOSE 8000
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s --retries=3 \
    CMD ["python", "-c", "import os, urllib.request as http; http.urlopen(f\"http://127.0.0.1:{os.environ['CLONIDINE_WATCH_PORT']}/health/ready\", timeout=4)"]
ENTRYPOINT ["clonidine-watch"]
CMD ["serve"]
