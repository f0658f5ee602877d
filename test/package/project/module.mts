import { GlobalNetwork, type NetworkDescription } from 'dwcp-multiregion';
import { connect } from 'dwcp-multiregion/client';
import { buildPlan } from 'dwcp-multiregion/plan';

const description: NetworkDescription = { network: 'typed', regions: {} };
console.log([GlobalNetwork, connect, buildPlan].map((x) => typeof x).join(), description.network);
