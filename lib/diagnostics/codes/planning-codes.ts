import { rowsOf } from './code-text';

const row = rowsOf('planning');
const spelling = 'Check the spelling; the message names what there is.';

/** Codes about what planning finds: allocations, routes, traffic, reservations, objectives, resources. */
export const planningCodes = {
  'block-moved': row(
    'A region that the lock file knows is given another block.',
    "Keep the block, or move it on purpose with 'renumber'.",
  ),
  'block-taken': row(
    'A block or prefix that is given belongs to another region in the lock file, or to a pool.',
    "Give another one, or move the other region with 'renumber'.",
  ),
  'block-too-small': row(
    'A block has no room for the subnets of its VPC.',
    'Give the region a larger block.',
  ),
  'demand-denied': row('A policy denies traffic that a demand asks for.', 'Drop the demand, or the deny.'),
  'demand-not-carried': row(
    'A demand is not carried whole (an error under --strict).',
    'Add bandwidth, lower the demand, or raise its class.',
  ),
  'demand-rounded': row(
    'A demand fits, but not in the units that traffic is split into.',
    "Raise 'traffic.units' or 'traffic.paths'.",
  ),
  'demand-unroutable': row(
    'No permitted path leads where a demand goes.',
    'Change its policy, or add a link.',
  ),
  'demands-do-not-fit': row(
    'Demands cannot be carried together; the message names a smallest set that conflicts.',
    'Add bandwidth as proposed, or relax one of those named.',
  ),
  'deny-one-way': row(
    'A policy denies one way only, and replies of the other way are lost with it.',
    "Add the deny of the way back that the message shows, or say 'oneWay: true'.",
  ),
  'endpoint-ipv6': row(
    'A site has an IPv6 endpoint, which gateways do not reach yet.',
    'Give its IPv4 address.',
  ),
  'identity-taken': row(
    'A new region has the id under which another one was made before it was renamed.',
    'Give the new region another id.',
  ),
  'no-route': row(
    'No path leads from a region to another under a policy.',
    'Add a link, or change the policy; the message says what is nearest.',
  ),
  'not-disjoint': row(
    'A policy wants two disjoint paths, and there are none.',
    'Add a link, or ask for a weaker disjointness.',
  ),
  'objective-broken': row(
    'The network does not meet an objective; the message says where.',
    'Change the network, or the objective.',
  ),
  'objective-undecided': row(
    'An objective cannot be decided, because a figure that it needs is not known.',
    'Give the figure that the message names.',
  ),
  'path-mtu': row(
    'Some paths carry packets smaller than the least that IPv6 needs (1280 bytes).',
    'Add links that shorten these paths, or let only IPv4 use them.',
  ),
  'pool-moved': row(
    'A pool was changed, and what was allocated from it lies outside now.',
    "Keep the pool, or move it on purpose with 'renumber'.",
  ),
  'pool-too-small': row('A pool has no room for all that is allocated from it.', 'Give a larger prefix.'),
  'rename-unknown': row("'was' names something that the lock file does not know.", spelling),
  'renumber-ambiguous': row("'renumber' names something that could be two things.", 'Name it in full.'),
  'renumber-unknown': row("'renumber' names something that is not there.", spelling),
  'reservation-refused': row(
    'A reservation is not admitted; the message says what would fit.',
    'Ask for less, at another time, or raise its priority.',
  ),
  'stand-in-without-token': row(
    'A value has the text that stands for a Terraform token, without the token.',
    'Write the value, or pass the token.',
  ),
  'too-many-tables': row(
    'Two gateways of a region would share more route tables than the role of a gateway can name.',
    'Name fewer route tables, or give the region one gateway.',
  ),
  'too-many-tunnels': row(
    'A region has more tunnels than its security groups can admit.',
    'Join it to fewer regions.',
  ),
  'value-is-token': row(
    'Code passes a Terraform token where planning needs the value.',
    'Pass the value itself; only ids of your VPC and values of tags may be tokens.',
  ),
};
