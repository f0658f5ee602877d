import { Construct } from 'constructs';
import type { Diagnostic } from '../../lib/diagnostics';
import { hasErrors } from '../../lib/diagnostics';
import { parseDescription, readDescriptionText, type Locate, type NetworkDescription } from '../../lib/model';
import type { PlanDocument } from '../../lib/plan';
import { adoptDescription } from './adopt-description';
import { annotate } from './annotate';
import type { NetworkResources } from '../deploy/network-resources';
import { claimStack, deployNetwork } from '../deploy/deploy-network';
import type { DeploymentProps, RegionDeployment } from '../deploy/deployment';
import { DescriptionBook, type Section } from './description-book';
import { Mesh, type MeshFigures } from './mesh';
import { ownStack } from '../deploy/own-framework';
import { readText, shortName } from '../deploy/plan-files';
import { planNetwork, type PlannedNetwork } from './plan-network';
import type { RegionRef } from './refs';
import { declareTargets } from '../deploy/target-versions';

/** The parts of a description that concern the whole network. */
export interface GlobalNetworkProps
  extends
    DeploymentProps,
    Pick<
      NetworkDescription,
      | 'was'
      | 'renumber'
      | 'addressing'
      | 'defaults'
      | 'traffic'
      | 'admission'
      | 'rollout'
      | 'edge'
      | 'operations'
      | 'quotas'
      | 'tags'
    > {
  /** Default: the construct id. */
  readonly network?: string;
}

/**
 * The outcome of `plan()`. Without a plan there is an error among the diagnostics, and synth fails with it.
 */
export interface PlanResult {
  readonly plan?: PlanDocument;
  readonly diagnostics: readonly Diagnostic[];
}

/** Kinds with a folder each in the construct tree, so that a region and a policy may share an id. */
export type Kind = Section | 'meshes';

/**
 * A global network: regions, links, policies and what is asked of them. Describing it creates no cloud
 * resource; `plan()`, called once and before `app.synth()`, closes the description, plans, and creates the
 * resources. A network that is not planned fails synth.
 *
 * AWS: the stack needs an `AwsProvider` (version 6.25 or later) and Terraform or OpenTofu 1.11. Everything
 * lies in this stack, unless `regionStack` says otherwise, each resource in its own region. Workload VPCs are
 * IPv4 only: AWS gives unique local IPv6 prefixes through IPAM alone, so the region's IPv6 block is used by
 * the gateways, not by the VPC. One network per stack.
 */
export class GlobalNetwork extends Construct {
  private readonly book: DescriptionBook;
  private readonly deployments = new Map<string, RegionDeployment>();
  private found: readonly Diagnostic[] = [];
  private locate: Locate | undefined;
  /** While a given description is taken over: the label of the part whose construct is being made. */
  private adopting: readonly string[] | undefined;
  private closed = false;
  private created: NetworkResources | undefined;

  /** @throws Error if the stack was made by another framework, or another copy of this one. */
  constructor(
    scope: Construct,
    id: string,
    private readonly props: GlobalNetworkProps = {},
  ) {
    super(scope, id);
    ownStack(this);
    declareTargets(this);
    const { network = id, was, renumber, addressing, defaults, traffic, admission, rollout } = props;
    const { edge, operations, quotas, tags } = props;
    const wide = {
      ...{ network, was, renumber, addressing, defaults, traffic, admission, rollout },
      ...{ edge, operations, quotas, tags },
    };
    const given = Object.entries(wide).filter(([, part]) => part !== undefined);
    this.book = new DescriptionBook(Object.fromEntries(given));
    const next = 'call network.plan() after the last region, link and policy, and before app.synth()';
    this.node.addValidation({
      validate: () =>
        this.closed ? [] : [`network '${this.node.id}' is described but not planned: ${next}`],
    });
  }

  /**
   * A network from a description as a file holds it; makes the same constructs as code would. More may be
   * added until `plan()`. A faulty description does not throw: `plan()` reports it.
   */
  static fromDescription(
    scope: Construct,
    id: string,
    description: NetworkDescription,
    props: DeploymentProps = {},
  ): GlobalNetwork {
    const network = new GlobalNetwork(scope, id, props);
    network.adopt(description);
    return network;
  }

  /**
   * As `fromDescription`, from a YAML or JSON file. A file that cannot be read does not throw either:
   * `plan()` reports it, with line and column where there is one.
   *
   * @param file absolute, or relative to the working folder.
   */
  static fromFile(scope: Construct, id: string, file: string, props: DeploymentProps = {}): GlobalNetwork {
    const network = new GlobalNetwork(scope, id, props);
    const read = readText(file);
    network.found = read.diagnostics;
    if (read.text === undefined) return network;
    const { input, locate, diagnostics } = readDescriptionText(read.text, shortName(file));
    network.found = diagnostics;
    network.locate = locate;
    if (input !== undefined) network.adopt(input);
    return network;
  }

  /**
   * Links between every two of these regions, or of all that the network has when it is planned:
   * `link-<a>-<b>` each, the ends in the order of the list or, for all, of their ids.
   *
   * @throws Error if the network is planned already, or has a mesh of the same regions.
   */
  mesh(regions: 'all' | readonly RegionRef[], figures: MeshFigures = {}): Mesh {
    return new Mesh(this, regions, figures);
  }

  /**
   * Closes the description, plans it and creates the resources. Diagnostics become annotations of the
   * constructs that caused them; with an error among them there is no plan and no resource.
   *
   * @throws Error if the network is planned already, a stack of it holds another planned network, or two
   * providers of one stack have one alias and different arguments.
   */
  plan(): PlanResult {
    this.mustBeOpen('plan() is called a second time');
    claimStack(ownStack(this));
    this.closed = true;

    const found: PlannedNetwork = hasErrors(this.found)
      ? { keys: null, diagnostics: this.found }
      : planNetwork(this.book.assemble(), this.props, this.locateGiven());
    const { plan, diagnostics } = found;
    annotate(this, this.book, diagnostics);
    if (!plan) {
      this.created = {
        regions: new Map(),
        links: new Map(),
        unsealSecrets: new Map(),
        signatures: new Map(),
      };
      return { diagnostics };
    }

    this.created = deployNetwork(this, { ...found, plan }, this.props, this.deployments);
    return { plan, diagnostics };
  }

  /**
   * Every resource that was created, by region and link id; empty maps after a plan with errors.
   *
   * @throws Error before `plan()`.
   */
  get resources(): NetworkResources {
    if (!this.created) throw new Error(`network '${this.node.id}' has no resources before network.plan()`);
    return this.created;
  }

  /**
   * Where the constructs of one kind stand in the tree.
   *
   * @internal
   * @throws Error if the network is planned already.
   */
  scopeFor(kind: Kind): Construct {
    this.mustBeOpen(`something is added to its ${kind}`);
    return (this.node.tryFindChild(kind) as Construct | undefined) ?? new Construct(this, kind);
  }

  /** @internal */
  register(kind: Kind, construct: Construct, value: object, deployment?: RegionDeployment): void {
    this.mustBeOpen(`'${construct.node.id}' is added`);
    if (deployment) this.deployments.set(construct.node.id, deployment);
    if (this.adopting) this.adopting.forEach((label) => this.book.place(label, construct));
    else this.book.add(kind === 'meshes' ? 'links' : kind, construct, value);
  }

  private adopt(description: unknown): void {
    if (typeof description !== 'object' || description === null || Array.isArray(description)) {
      this.found = parseDescription(description, this.locate).diagnostics;
      return;
    }
    this.book.startFrom(description as Record<string, unknown>);
    adoptDescription(this, description as Record<string, unknown>, (labels, make) => {
      this.adopting = labels;
      try {
        make();
      } finally {
        this.adopting = undefined;
      }
    });
  }

  private locateGiven(): Locate | undefined {
    const { locate } = this;
    return locate && ((raw) => (this.book.isGiven(raw) ? locate(raw) : undefined));
  }

  private mustBeOpen(what: string): void {
    if (this.closed)
      throw new Error(`network '${this.node.id}' is planned already: ${what} after network.plan()`);
  }
}
