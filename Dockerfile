# The image of a server: the packages of requirements-server.lock, without the embedded databases and without tools.
FROM python:3.12-slim AS packages
COPY requirements-server.lock /
RUN python -m venv --without-pip /opt/winnow \
 && python -m pip --python /opt/winnow/bin/python install --no-cache-dir --require-hashes --no-deps --only-binary :all: \
      -r /requirements-server.lock

FROM python:3.12-slim
ENV PATH=/opt/winnow/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    WINNOW_SETUP=off \
    WINNOW_STATE_DIR=/var/lib/winnow
RUN useradd --system --uid 10001 --home-dir /var/lib/winnow --create-home winnow
COPY --from=packages /opt/winnow /opt/winnow
WORKDIR /srv/winnow
COPY . .
# Names and compresses the static files. The settings ask for a database's address and a key; nothing is connected or kept.
RUN SECRET_KEY="$(python -c 'import secrets; print(secrets.token_urlsafe(50))')" \
    DATABASE_URL=postgres://nobody@nowhere/none REDIS_URL=redis://nowhere SITE_URL=https://nowhere.invalid \
    python manage.py collectstatic --no-input --verbosity 0
USER winnow
VOLUME /var/lib/winnow
EXPOSE 8000
CMD ["uvicorn", "config.asgi:application", "--host", "0.0.0.0", "--port", "8000", "--workers", "2", "--loop", "uvloop", "--http", "httptools", "--ws", "none", "--lifespan", "off", "--no-proxy-headers", "--no-access-log", "--no-server-header", "--timeout-graceful-shutdown", "5"]
