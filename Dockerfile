FROM python:3.13-slim AS build
WORKDIR /src
COPY pyproject.toml README.md LICENSE ./
COPY mock_ajera mock_ajera
COPY contract_tests contract_tests
COPY fixtures fixtures
RUN python -m venv /opt/mock-ajera \
    && /opt/mock-ajera/bin/pip install --no-cache-dir ".[fast,tls]"

FROM python:3.13-slim
COPY --from=build /opt/mock-ajera /opt/mock-ajera
RUN useradd --uid 10001 --create-home --home-dir /data ajera
USER 10001
WORKDIR /data
EXPOSE 8080
# Options of `mock-ajera serve` after the image name override these, and so do variables of `docker run`.
# /dev/shm is writable even in a container with a read-only file system.
ENV PATH=/opt/mock-ajera/bin:$PATH \
    MOCK_AJERA_HOST=0.0.0.0 \
    MOCK_AJERA_PORT=8080 \
    MOCK_AJERA_STATE_FILE=/dev/shm/mock-ajera
# Healthy when all firms are loaded. A large firm takes a while, so the start period is long.
HEALTHCHECK --interval=5s --timeout=3s --start-period=120s --retries=3 CMD ["mock-ajera", "healthy"]
# The control surface stays off until MOCK_AJERA_CONTROL_TOKEN is set: the server listens on all addresses.
ENTRYPOINT ["mock-ajera", "serve"]
