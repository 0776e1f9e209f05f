# One image for every service: `analytics-engine serve <service>`, `analytics-engine migrate`, `alembic upgrade head`, ...
ARG NODE_IMAGE=node:22-slim
ARG PYTHON_IMAGE=python:3.12-slim

FROM ${NODE_IMAGE} AS ui
WORKDIR /build
COPY ui/package.json ui/package-lock.json ui/.npmrc ./
RUN --mount=type=cache,target=/root/.npm npm ci --no-audit --no-fund
COPY ui/ ./
RUN npm run build

FROM ${PYTHON_IMAGE} AS dependencies
RUN --mount=type=cache,target=/root/.cache pip install --root-user-action ignore uv==0.13.9 hatchling==1.27.0
COPY requirements.lock /build/
ENV UV_LINK_MODE=copy UV_COMPILE_BYTECODE=1
RUN --mount=type=cache,target=/root/.cache uv venv --no-python-downloads --python "$(command -v python3)" /opt/analytics-engine \
 && uv pip install --python /opt/analytics-engine/bin/python --require-hashes --no-deps -r /build/requirements.lock \
 && cd /opt/analytics-engine && ln -s lib/python*/site-packages site-packages \
 && cd site-packages/pyarrow && rm -rf include src tests *_flight.* *_s3* # nothing here talks by those

# A layer of its own, so that a change of the product moves a few megabytes.
FROM dependencies AS product
WORKDIR /build
COPY pyproject.toml README.md LICENSE ./
COPY src/ src/
COPY catalog/ catalog/
COPY migrations/ migrations/
RUN pip wheel --no-build-isolation --no-deps --no-index --wheel-dir /wheels . \
 && uv pip install --python /opt/analytics-engine/bin/python --no-deps --no-index --target /product /wheels/*.whl

FROM ${PYTHON_IMAGE}
ARG VERSION=local
LABEL org.opencontainers.image.title="Analytics Engine" \
      org.opencontainers.image.description="Define KPIs once, connect your data, and get the right number." \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.version="${VERSION}"
RUN useradd --uid 10001 --create-home --home-dir /var/lib/analytics-engine analytics && install -d -o analytics /backups
COPY --from=dependencies /opt/analytics-engine /opt/analytics-engine
COPY --from=ui /build/dist /opt/analytics-engine/ui
COPY --from=product /product/bin/analytics-engine /opt/analytics-engine/bin/
COPY --from=product /product /opt/analytics-engine/site-packages/
# `alembic upgrade head` works here as the operations guide writes it
WORKDIR /app
COPY alembic.ini ./
COPY migrations/ migrations/
ENV PATH=/opt/analytics-engine/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    AE_HOME=/var/lib/analytics-engine \
    AE_BIND_HOST=0.0.0.0 \
    AE_UI_DIR=/opt/analytics-engine/ui
COPY deploy/compose/entrypoint /usr/local/bin/
USER analytics
ENTRYPOINT ["entrypoint"]
CMD ["--help"]
