"""S3, Secrets Manager (moto) and an instance's metadata, behind a relay that can fail.

Commands on standard input, a JSON object a line.

Moto does not know ExpectedBucketOwner: this checks it as S3 does, whoever writes the bucket. Prints an answer,
JSON on a line, for each command that is done.
"""

import base64
import json
import os
import socket
import sys
import threading

import boto3
from moto.moto_server.werkzeug_app import (
    DomainDispatcherApplication,
    MotoRequestHandler,
    create_backend_app,
)
from werkzeug.serving import make_server

address, port = sys.argv[1], int(sys.argv[2])
os.environ.update(AWS_ACCESS_KEY_ID="test", AWS_SECRET_ACCESS_KEY="test", AWS_DEFAULT_REGION="us-east-1")
account = "123456789012"
# Owners of the buckets that are not the account's own.
owners = {}
moto = DomainDispatcherApplication(create_backend_app)


def instance_metadata(environ, start_response):
    """What an instance with a role is told (IMDSv2)."""
    role = "/latest/meta-data/iam/security-credentials/"
    answers = {
        "/latest/api/token": "token",
        role: "gateway",
        f"{role}gateway": json.dumps(
            {
                "Code": "Success",
                "AccessKeyId": "test",
                "SecretAccessKey": "test",
                "Token": "test",
                "Expiration": "2099-01-01T00:00:00Z",
            }
        ),
    }
    path = environ["PATH_INFO"]
    found = path in answers
    start_response("200 OK" if found else "404 Not Found", [("x-aws-ec2-metadata-token-ttl-seconds", "21600")])
    return [answers[path].encode() if found else b""]


def owned(environ, start_response):
    """https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucket-owner-condition.html"""
    expected = environ.get("HTTP_X_AMZ_EXPECTED_BUCKET_OWNER")
    bucket = environ["PATH_INFO"].split("/")[1]
    if expected is None or expected == owners.get(bucket, account):
        return moto(environ, start_response)
    start_response("403 Forbidden", [("Content-Type", "application/xml")])
    return [b"<Error><Code>AccessDenied</Code><Message>Access Denied</Message></Error>"]


server = make_server("127.0.0.1", port, owned, True, request_handler=MotoRequestHandler)
threading.Thread(target=server.serve_forever, daemon=True).start()
# An instance's own: it answers whatever becomes of S3.
metadata = make_server(address, port + 1, instance_metadata, True, request_handler=MotoRequestHandler)
threading.Thread(target=metadata.serve_forever, daemon=True).start()
local = f"http://127.0.0.1:{port}"
s3 = boto3.client("s3", endpoint_url=local)

# None: all passes. Else the bytes of an answer after which its connection ends.
most_bytes = None


def relay(client):
    left = most_bytes
    if left == 0:
        return client.close()
    upstream = socket.create_connection(("127.0.0.1", port))

    def pass_on(source, sink, limited):
        nonlocal left
        try:
            while data := source.recv(65536):
                if limited and left is not None:
                    data = data[:left]
                    left -= len(data)
                sink.sendall(data)
                if left == 0:
                    break
        except OSError:
            pass
        for end in (source, sink):
            try:
                end.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass

    threading.Thread(target=pass_on, args=(client, upstream, False), daemon=True).start()
    pass_on(upstream, client, True)


def accept():
    listener = socket.create_server((address, port))
    while True:
        client, _ = listener.accept()
        threading.Thread(target=relay, args=(client,), daemon=True).start()


def put(bucket, key, base64_body):
    try:
        s3.head_bucket(Bucket=bucket)
    except s3.exceptions.ClientError:
        s3.create_bucket(Bucket=bucket)
    s3.put_object(Bucket=bucket, Key=key, Body=base64.b64decode(base64_body))


def get(bucket, key):
    """None: it is not there."""
    try:
        return s3.get_object(Bucket=bucket, Key=key)["Body"].read().decode()
    except s3.exceptions.ClientError:
        return None


def publish(bucket, key):
    """Everybody may read it from now on."""
    s3.put_object_acl(Bucket=bucket, Key=key, ACL="public-read")


def own(bucket, owner):
    """The bucket is another account's from now on; None: ours again."""
    owners[bucket] = owner or account


def secret(region, name, value):
    """A new version, which leaves the one before as AWSPREVIOUS; None takes the secret away."""
    secrets = boto3.client("secretsmanager", endpoint_url=local, region_name=region)
    if value is None:
        secrets.delete_secret(SecretId=name, ForceDeleteWithoutRecovery=True)
        return
    try:
        secrets.put_secret_value(SecretId=name, SecretString=value)
    except secrets.exceptions.ResourceNotFoundException:
        secrets.create_secret(Name=name, SecretString=value)


def log_group(region, group):
    boto3.client("logs", endpoint_url=local, region_name=region).create_log_group(logGroupName=group)


def logs(region, group, stream):
    """Messages of a stream; none while it is not there."""
    client = boto3.client("logs", endpoint_url=local, region_name=region)
    try:
        messages, token = [], {}
        while True:
            page = client.get_log_events(logGroupName=group, logStreamName=stream, startFromHead=True, **token)
            if not page["events"]:
                return messages
            messages += [event["message"] for event in page["events"]]
            token = {"nextToken": page["nextForwardToken"]}
    except client.exceptions.ResourceNotFoundException:
        return []


def limit(bytes):
    global most_bytes
    most_bytes = bytes


threading.Thread(target=accept, daemon=True).start()
print("ready", flush=True)
for line in sys.stdin:
    command = json.loads(line)
    commands = {
        **{"put": put, "get": get, "own": own, "secret": secret, "limit": limit},
        **{"log_group": log_group, "logs": logs, "publish": publish},
    }
    print(json.dumps(commands[command.pop("do")](**command)), flush=True)
