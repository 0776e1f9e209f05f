# One image for every service: `analytics-engine serve <service>`, `analytics-engine migrate`, ...
FROM node:22-slim AS ui
WORKDIR /build
COPY ui/package.json ui/package-lock.json ui/.npmrc ./
RUN npm ci --no-audit --no-fund
COPY ui/ ./
RUN npm run build

FROM python:3.12-slim AS wheels
WORKDIR /build
RUN pip install --no-cache-dir uv==0.13.9
COPY requirements.lock ./
RUN uv venv /opt/analytics-engine \
 && uv pip install --no-cache --python /opt/analytics-engine/bin/python --require-hashes --no-deps -r requirements.lock
COPY pyproject.toml README.md LICENSE alembic.ini ./
COPY src/ src/
COPY catalog/ catalog/
COPY migrations/ migrations/
RUN uv pip install --no-cache --python /opt/analytics-engine/bin/python --no-deps .

FROM python:3.12-slim
RUN useradd --uid 10001 --create-home analytics
COPY --from=wheels /opt/analytics-engine /opt/analytics-engine
COPY --from=ui /build/dist /opt/analytics-engine/ui
WORKDIR /app
# `alembic upgrade head` works here as the operations guide writes it
COPY alembic.ini ./
COPY migrations/ migrations/
ENV PATH=/opt/analytics-engine/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    AE_BIND_HOST=0.0.0.0 \
    AE_UI_DIR=/opt/analytics-engine/ui
USER analytics
ENTRYPOINT ["analytics-engine"]
CMD ["--help"]
