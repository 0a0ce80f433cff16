FROM python:3.13-slim AS build
WORKDIR /src
COPY pyproject.toml README.md LICENSE ./
COPY mock_ajera mock_ajera
COPY contract_tests contract_tests
COPY fixtures fixtures
RUN python -m venv /opt/mock-ajera \
    && /opt/mock-ajera/bin/pip install --no-cache-dir ".[fast]"

FROM python:3.13-slim
COPY --from=build /opt/mock-ajera /opt/mock-ajera
RUN useradd --uid 10001 --create-home --home-dir /data ajera
USER 10001
WORKDIR /data
EXPOSE 8080
ENV PATH=/opt/mock-ajera/bin:$PATH
# Healthy when all firms are loaded. A large firm takes a while, so the start period is long.
HEALTHCHECK --interval=5s --timeout=3s --start-period=120s --retries=3 \
    CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8080/_mock/ready', timeout=2)"]
# The control surface stays off until MOCK_AJERA_CONTROL_TOKEN is set: the server listens on all addresses.
ENTRYPOINT ["mock-ajera", "serve", "--host", "0.0.0.0", "--port", "8080"]
