import type { LinkFigures } from '../model';
import type { KnownAttributes } from './look-up';

/** The figures of an edge, with their units; what is absent, or no possible figure, is left out. */
export function importFigures({ number }: KnownAttributes): LinkFigures {
  const above = (value: number | undefined) => (value !== undefined && value > 0 ? value : undefined);
  const bps = above(number('bandwidthBps'));
  const mbps = above(number('bandwidthMbps')) ?? (bps && bps / 1e6);
  const latency = above(number('latencyMs'));
  const rtt = latency === undefined ? above(number('rttMs')) : undefined;
  const share = (
    name: 'lossRatio' | 'availabilityRatio' | 'utilisationRatio',
    least: number,
    most: number,
  ) => {
    const ratio = number(name);
    return ratio !== undefined && ratio >= least && ratio <= most ? `${figure(ratio * 100)} %` : undefined;
  };
  const cost = number('costPerGbUsd');
  const metric = number('metric');
  const utilisation = share('utilisationRatio', 0, 0.999);
  const figures = {
    bandwidth: mbps && `${figure(mbps)} Mbps`,
    latency: latency && `${figure(latency)} ms`,
    rtt: rtt && `${figure(rtt)} ms`,
    cost: cost !== undefined && cost >= 0 ? `${figure(cost)} USD/GB` : undefined,
    loss: share('lossRatio', 0, 0.999),
    availability: share('availabilityRatio', 1e-9, 1),
    utilisation: utilisation === '0 %' ? undefined : utilisation,
    metric:
      Number.isInteger(metric) && metric! >= 1 && metric! <= 65535 && metric !== 10 ? metric : undefined,
  };
  return Object.fromEntries(
    Object.entries(figures).filter(([, value]) => value !== undefined),
  ) as LinkFigures;
}

/** Digits without an exponent, and without the error of binary fractions. */
function figure(value: number): string {
  const text = String(Number(value.toPrecision(14)));
  return text.includes('e') ? value.toFixed(12).replace(/\.?0+$/, '') : text;
}
