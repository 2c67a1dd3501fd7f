# The command in a small image, as a user without rights: `docker build -t halo-async .`, then
# `docker run --rm --env-file halo.env -v "$PWD/lake:/data" halo-async export tickets --format parquet --out /data/lake`.
FROM python:3.13-slim AS build
WORKDIR /source
COPY . .
RUN pip wheel --no-cache-dir --no-deps --wheel-dir /wheels . \
    && python -m venv /opt/halo-async \
    && /opt/halo-async/bin/pip install --no-cache-dir "$(ls /wheels/halo_async-*.whl)[cli,duckdb,speed]" \
    && /opt/halo-async/bin/pip uninstall --yes pip

FROM python:3.13-slim
RUN useradd --uid 10001 --create-home halo && install -d -o halo -g halo /data
COPY --from=build /opt/halo-async /opt/halo-async
ENV PATH=/opt/halo-async/bin:$PATH PYTHONUNBUFFERED=1
USER 10001
WORKDIR /data
VOLUME /data
ENTRYPOINT ["halo-async"]
CMD ["--help"]
