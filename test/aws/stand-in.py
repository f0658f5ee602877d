"""moto's server, with one mend: AWS detaches the network interfaces of an instance that terminates, and
Terraform waits for that before it deletes them."""

import sys

from moto.ec2.models.instances import Instance
from moto.server import main

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
sys.exit(main())
