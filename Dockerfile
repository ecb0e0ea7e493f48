# docker build --build-arg VERSION=v1.0.0 -t aftercare .
# docker run -e DISCORD_TOKEN_FILE=/run/secrets/discord -v ./discord-token:/run/secrets/discord:ro aftercare

FROM golang:1.26-alpine AS build
RUN apk add --no-cache ca-certificates
WORKDIR /src
COPY go.mod go.sum ./
RUN --mount=type=cache,target=/go/pkg/mod go mod download
COPY . .
ARG VERSION=devel
# /rootfs is all that the image will hold: the program, the CA certificates,
# and a /tmp for the admin socket.
RUN --mount=type=cache,target=/go/pkg/mod --mount=type=cache,target=/root/.cache/go-build \
    mkdir -p /empty /rootfs/etc/ssl/certs /rootfs/tmp && chmod 1777 /rootfs/tmp && \
    cp /etc/ssl/certs/ca-certificates.crt /rootfs/etc/ssl/certs/ && \
    CGO_ENABLED=0 go build -trimpath -ldflags "-s -w -X main.version=${VERSION}" -o /rootfs/aftercare ./cmd/aftercare

FROM scratch
COPY --from=build /rootfs /
# A new volume on /data belongs to the bot: --store /data/aftercare.db
COPY --from=build --chown=65532:65532 /empty /data
# Nobody: no account, no shell, no home.
USER 65532:65532
# /healthz, /readyz and /metrics; no port is published by itself.
ENV AFTERCARE_OPS=:9090
HEALTHCHECK --interval=30s --timeout=12s --start-period=60s --start-interval=2s --retries=3 CMD ["/aftercare", "healthcheck"]
STOPSIGNAL SIGTERM
ENTRYPOINT ["/aftercare"]
CMD ["serve"]
