# docker build --build-arg VERSION=v1.0.0 -t aftercare .
# docker run -e DISCORD_TOKEN_FILE=/run/secrets/discord -v ./discord-token:/run/secrets/discord:ro aftercare

FROM golang:1.26-alpine AS build
RUN apk add --no-cache ca-certificates
WORKDIR /src
COPY go.mod go.sum ./
RUN --mount=type=cache,target=/go/pkg/mod go mod download
COPY . .
ARG VERSION=devel
RUN --mount=type=cache,target=/go/pkg/mod --mount=type=cache,target=/root/.cache/go-build \
    CGO_ENABLED=0 go build -trimpath -ldflags "-s -w -X main.version=${VERSION}" -o /aftercare ./cmd/aftercare

FROM scratch
COPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/
COPY --from=build /aftercare /aftercare
# Nobody: no shell, no home, nothing of the image is writable.
USER 65532:65532
STOPSIGNAL SIGTERM
ENTRYPOINT ["/aftercare"]
CMD ["serve"]
