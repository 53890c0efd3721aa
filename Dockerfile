# One image, which serves, and loads with `misconduct load`: docker build --tag misconduct .
#
# It has the layout of a checkout, installed the way `make setup` installs it.
ARG BASE=python:3.13-slim

FROM ${BASE} AS build
ENV UV_SYSTEM_CERTS=1 UV_COMPILE_BYTECODE=1 UV_LINK_MODE=copy UV_NO_CACHE=1
WORKDIR /srv/misconduct
COPY pyproject.toml requirements.lock ./
RUN python -m venv /opt/uv \
 && awk '/^[^ #]/ { mine = /^uv==/ } mine' requirements.lock > /opt/uv/uv.lock \
 && /opt/uv/bin/pip install --quiet --no-cache-dir --require-hashes --no-deps -r /opt/uv/uv.lock \
 && python -m venv --without-pip .venv
RUN /opt/uv/bin/uv pip install --python .venv/bin/python --require-hashes -c requirements.lock -r pyproject.toml
COPY app app
RUN /opt/uv/bin/uv pip install --python .venv/bin/python --no-deps --build-constraint requirements.lock --editable . \
 && .venv/bin/python -m compileall -q app
COPY alembic alembic
COPY data data

FROM ${BASE} AS serve
ENV PATH=/srv/misconduct/.venv/bin:$PATH \
    HOME=/tmp \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1
WORKDIR /srv/misconduct
# Numeric, so that a platform can see that it is not root; it owns nothing and needs no home.
USER 10001:10001

COPY --from=build /srv/misconduct /srv/misconduct
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=3s --start-period=20s \
    CMD ["python", "-c", "import os, urllib.request as r; r.urlopen(f'http://127.0.0.1:{os.environ.get(\"PORT\", 8000)}/healthz', timeout=2)"]
CMD ["misconduct", "serve", "--host", "0.0.0.0"]
