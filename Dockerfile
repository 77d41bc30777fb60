# Debian's slim variant and not Alpine: Node is built and tested for glibc. --build-arg NODE_IMAGE=… takes another one, or a
# digest. Without --mount and --chmod, so that Docker's classic builder can build it too.
ARG NODE_IMAGE=node:24-slim

FROM ${NODE_IMAGE} AS build
WORKDIR /app
COPY package.json package-lock.json ./
# What install scripts would bring is Node, which is here already, and a native helper of ssh2, which works without it.
RUN npm ci --omit=dev --ignore-scripts --no-audit --no-fund
COPY LICENSE ./
COPY deploy/healthcheck.ts ./deploy/
COPY src ./src
# Files keep the modes of the checkout, which may let nobody but its owner read them.
RUN chmod -R a+rX,go-w LICENSE package.json deploy src

FROM ${NODE_IMAGE}
ARG VERSION=0.1.0
LABEL org.opencontainers.image.title="Tandem" \
      org.opencontainers.image.description="Keeps AceStream engines running behind redundant VPN containers" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.licenses="MIT"
WORKDIR /app
COPY --from=build /app/node_modules ./node_modules
COPY --from=build /app/LICENSE /app/package.json ./
COPY --from=build /app/deploy ./deploy
COPY --from=build /app/src ./src
# A new volume takes over the owner of the folder that it covers.
RUN mkdir /data && chown 1000:1000 /data
ENV NODE_ENV=production DATA_DIR=/data
VOLUME /data
# In numbers, which whoever forbids root can check. Docker's socket wants its group besides: docs/deployment.md.
USER 1000:1000
EXPOSE 8000
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=15s --timeout=5s --start-period=15s --retries=3 CMD ["node", "deploy/healthcheck.ts"]
# Without --embedded: an image that is told nothing ends with 78 and says what it needs.
ENTRYPOINT ["node", "src/main.ts"]
