# One small image per program: docker build --target backend|dashboard|edge .
# Nothing secret goes in; every setting comes from the environment.
ARG PYTHON=python:3.11.14-slim-bookworm

FROM ${PYTHON} AS wheel
WORKDIR /source
COPY requirements/build.txt requirements/
RUN pip install --no-cache-dir --require-hashes -r requirements/build.txt
COPY pyproject.toml README.md LICENSE ./
COPY shelfcast shelfcast
COPY backend backend
COPY dashboard dashboard
COPY edge_agent edge_agent
RUN hatchling build -t wheel

FROM ${PYTHON} AS install
RUN python -m venv /opt/shelfcast
ENV PATH=/opt/shelfcast/bin:$PATH PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1

FROM install AS install-backend
COPY requirements/backend.txt /tmp/
RUN pip install --require-hashes -r /tmp/backend.txt
COPY --from=wheel /source/dist /tmp/dist
RUN pip install --no-deps --no-index /tmp/dist/*.whl

FROM install AS install-dashboard
COPY requirements/dashboard.txt /tmp/
RUN pip install --require-hashes -r /tmp/dashboard.txt
COPY --from=wheel /source/dist /tmp/dist
RUN pip install --no-deps --no-index /tmp/dist/*.whl

FROM install AS install-edge
COPY requirements/edge.txt /tmp/
RUN pip install --require-hashes -r /tmp/edge.txt
COPY --from=wheel /source/dist /tmp/dist
RUN pip install --no-deps --no-index /tmp/dist/*.whl

FROM ${PYTHON} AS runtime
RUN useradd --system --uid 10001 --user-group --home-dir /var/lib/shelfcast --create-home shelfcast
ENV PATH=/opt/shelfcast/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 \
    SHELFCAST_DATA_DIR=/var/lib/shelfcast
USER shelfcast
WORKDIR /var/lib/shelfcast
ENTRYPOINT ["shelfcast"]
STOPSIGNAL SIGTERM

FROM runtime AS backend
COPY --from=install-backend /opt/shelfcast /opt/shelfcast
ENV SHELFCAST_HOST=0.0.0.0
EXPOSE 8000
CMD ["backend"]

FROM runtime AS dashboard
COPY --from=install-dashboard /opt/shelfcast /opt/shelfcast
ENV SHELFCAST_DASHBOARD_HOST=0.0.0.0
EXPOSE 8050
CMD ["dashboard"]

FROM runtime AS edge
COPY --from=install-edge /opt/shelfcast /opt/shelfcast
CMD ["edge", "--config", "/etc/shelfcast/edge.toml"]
