# The register in a container: `docker build -t complaints .`; its data stays in the volume /data.
FROM python:3.11-slim-bookworm

ENV PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 DATA_DIR=/data HOST=0.0.0.0 PORT=8501

WORKDIR /app
COPY requirements.txt ./
RUN pip install --no-cache-dir --require-hashes -r requirements.txt \
    && useradd --system --uid 10001 complaints \
    && install -d -m 0700 -o complaints -g complaints /data
COPY . .
# The user may not write here, so what a start compiles would never be kept.
RUN python -m compileall -q core pages dashboard.py

USER 10001
VOLUME /data
EXPOSE 8501
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s \
    CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8501/healthz', timeout=4)"]
CMD ["sh", "-c", "python -m core migrate && exec python dashboard.py"]
