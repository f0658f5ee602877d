"""moto's server, with three mends. AWS detaches the network interfaces of an instance that terminates, and
Terraform waits for that before it deletes them. And CloudWatch is asked in CBOR by newer clients (Smithy RPC
v2), which moto does not speak: such a call is put to it as a form, and its XML answered in CBOR. And Systems
Manager runs what it is sent: here, with the programs in `$DWCP_STAND_IN_INSTANCES/<instance id>` first."""

import io
import os
import re
import subprocess
import sys
from urllib.parse import quote

from botocore import loaders, model, parsers, serialize
from moto.ec2.models.instances import Instance
from moto.moto_server.werkzeug_app import DomainDispatcherApplication
from moto.core.responses import ActionResult
from moto.server import main
from moto.ssm.models import Command
from moto.ssm.responses import SimpleSystemManagerResponse

terminate = Instance.terminate


def terminate_and_detach(self):
    previous = terminate(self)
    for interface in list(self.nics.values()):
        if interface.attachment_id:
            # What describes the instance still reads its interfaces: they stay in its list.
            nics = dict(self.nics)
            self.detach_eni(interface)
            self.nics = nics
    return previous


Instance.terminate = terminate_and_detach

invocation_of = Command.invocation_response


def run_and_note(self, instance_id, plugin_name):
    noted = invocation_of(self, instance_id, plugin_name)
    folder = os.environ.get("DWCP_STAND_IN_INSTANCES")
    if folder is None:
        return noted
    programs = os.path.join(folder, instance_id)
    done = subprocess.run(
        ["sh", "-c", "\n".join(self.parameters["commands"])],
        env={**os.environ, "PATH": f"{programs}:{os.environ['PATH']}"},
        capture_output=True,
        text=True,
    )
    return {
        **noted,
        "Status": "Failed" if done.returncode else "Success",
        "ResponseCode": done.returncode,
        "StandardOutputContent": done.stdout[:24000],
        "StandardErrorContent": done.stderr[:8000],
    }


def list_command_invocations(self):
    command = self.ssm_backend.get_command_by_id(self._get_param("CommandId"))
    shown = ("CommandId", "InstanceId", "Comment", "DocumentName", "Status", "StatusDetails")
    return ActionResult({"CommandInvocations": [{name: i[name] for name in shown} for i in command.invocations]})


Command.invocation_response = run_and_note
SimpleSystemManagerResponse.list_command_invocations = list_command_invocations

cloudwatch = model.ServiceModel(loaders.Loader().load_service_model("cloudwatch", "service-2"), "cloudwatch")
asked_in_cbor = re.compile(r"^/service/GraniteServiceVersion20100801/operation/(\w+)$")
text = {"type": "string"}
texts = model.DenormalizedStructureBuilder().with_members({"__type": text, "message": text}).build_model()
dispatch = DomainDispatcherApplication.__call__


def dispatch_any(self, environ, start_response):
    asked = asked_in_cbor.match(environ["PATH_INFO"])
    if not asked:
        return dispatch(self, environ, start_response)
    operation = cloudwatch.operation_model(asked.group(1))
    body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
    given = parsers.RpcV2CBORParser().parse_data_item(io.BufferedReader(io.BytesIO(body))) if body else {}
    form = serialize.QuerySerializer().serialize_to_request(given, operation)["body"]
    form = "&".join(f"{quote(str(name))}={quote(str(value))}" for name, value in form.items()).encode()
    environ.update(
        PATH_INFO="/",
        RAW_URI="/",
        REQUEST_URI="/",
        CONTENT_TYPE="application/x-www-form-urlencoded",
        CONTENT_LENGTH=str(len(form)),
    )
    environ["wsgi.input"] = io.BytesIO(form)
    said = {}

    def take(status, headers, exc_info=None):
        said.update(status=status, headers=dict(headers))

    xml = b"".join(dispatch(self, environ, take))
    code = int(said["status"].split()[0])
    answer = {"status_code": code, "headers": said["headers"], "body": xml}
    parsed = parsers.QueryParser().parse(answer, operation.output_shape)
    cbor = bytearray()
    serializer = serialize.RpcV2CBORSerializer()
    if code >= 300:
        error = {"__type": parsed["Error"]["Code"], "message": parsed["Error"]["Message"]}
        serializer._serialize_data_item(cbor, error, texts)
    elif operation.output_shape is not None:
        known = {name: value for name, value in parsed.items() if name in operation.output_shape.members}
        serializer._serialize_data_item(cbor, known, operation.output_shape)
    else:
        cbor += b"\xa0"
    start_response(
        said["status"],
        [
            ("Content-Type", "application/cbor"),
            ("Content-Length", str(len(cbor))),
            ("smithy-protocol", "rpc-v2-cbor"),
        ],
    )
    return [bytes(cbor)]


DomainDispatcherApplication.__call__ = dispatch_any
sys.exit(main())
