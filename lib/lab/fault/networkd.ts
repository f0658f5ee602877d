import { protocol } from '../../agent/apply/numbers';
import { onGateway } from '../processes';
import { LabFault, type Lab } from '../record';
import { run } from '../run';
import type { GatewayFault } from './gateway-fault';

/**
 * A place for the real one: /sys read-only, so that it does not wait for udev, and an /etc of its own without
 * our files. /run is the gateway's own already. An interface that a `.network` file matches then appears.
 */
const real = `mount -o remount,bind,ro /sys
mount -t tmpfs tmpfs /etc/systemd
mkdir -p /etc/systemd/network /run/systemd/netif/links /run/systemd/netif/leases /run/systemd/netif/lldp
chown -R systemd-network /run/systemd/netif
printf '[Match]\\nName=appears0\\n[Network]\\nLLDP=no\\n' >/etc/systemd/network/10-appears.network
/lib/systemd/systemd-networkd >/dev/null 2>&1 &
networkd=$!
sleep 1
ip link add appears0 type veth peer name appears1
ip link set appears1 up
ip link set appears0 up
for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
  [ "$(ip rule show | grep -c "proto $1")" != 0 ] || break
  sleep 0.05
done
kill $networkd
wait $networkd || true
ip link delete appears0
`;

/** The same without it: what has no interface of its own goes. */
const imitated = `ip -6 rule flush protocol "$1"
ip rule flush protocol "$1"
ip nexthop show | sed -n 's/^id \\([0-9]*\\) group .*/\\1/p' | while read -r id; do
  ip nexthop delete id "$id"
done
ip route flush table all type unreachable proto "$1"
ip -6 route flush table all type unreachable proto "$1"
`;

/** What systemd-networkd takes away when it configures an interface and was not told what is ours. */
export const networkd: GatewayFault = {
  async make(lab: Lab, gateway, value) {
    const has = '[ -x /lib/systemd/systemd-networkd ] && echo real || echo imitated';
    const which = value ?? (await run(onGateway(lab, gateway, ['sh', '-c', has]))).trim();
    if (which !== 'real' && which !== 'imitated') {
      throw new LabFault(`networkd is real or imitated, not '${which}'`);
    }
    const script = which === 'real' ? real : imitated;
    await run(onGateway(lab, gateway, ['sh', '-ec', script, 'sh', String(protocol)]));
    const by = which === 'real' ? 'systemd-networkd configured an interface' : 'as systemd-networkd does';
    return `${gateway}: our rules, groups and unreachable routes were removed; ${by}`;
  },
};
