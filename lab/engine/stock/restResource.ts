import type { Properties, Provider, Surroundings } from "../provider.ts";
import { restCall } from "./restCall.ts";

/** One stock resource as calls of the API; member names are the API's, inputs are Pulumi's. */
export interface RestResource {
  readonly type: string;
  /** Path of the collection, from the inputs. */
  readonly collection: (inputs: Properties) => string;
  /** Body of the create. */
  readonly create: (inputs: Properties) => unknown;
  /** The created object, from `result`. */
  readonly created: (result: unknown) => Record<string, unknown>;
  /** Body of the update: only what changed; undefined where the resource cannot be updated. */
  readonly update?: (olds: Properties, news: Properties) => unknown;
  /** Outputs that the API computes, by Pulumi's name, from `result`. */
  readonly computed: (result: Record<string, unknown>) => Properties;
  /** Inputs that a read takes from the API, by Pulumi's name. */
  readonly readable: (result: Record<string, unknown>) => Properties;
  readonly replaceOn: readonly string[];
}

/** The engine's view of a stock resource. */
export function restProvider(row: RestResource, around: Surroundings): Provider {
  const changed = (olds: Properties, news: Properties) =>
    Object.keys(news).filter((name) => JSON.stringify(olds[name]) !== JSON.stringify(news[name]));
  return {
    check: async (_olds, news) => ({ inputs: news, failures: [] }),
    diff: async (_id, olds, news) => {
      const names = changed(olds, news);
      return { changes: names.length > 0, replaces: names.filter((name) => row.replaceOn.includes(name)) };
    },
    create: async (news) => {
      const object = row.created(await restCall(around, "POST", row.collection(news), row.create(news)));
      return { id: String(object.id), outputs: { ...news, id: object.id, ...row.computed(object) } };
    },
    update: async (id, olds, news) => {
      const body = row.update?.(olds, news);
      const object = (await restCall(around, "PATCH", `${row.collection(news)}/${id}`, body)) as Record<
        string,
        unknown
      >;
      return { outputs: { ...olds, ...news, ...row.computed(object) } };
    },
    read: async (id, properties) => {
      const object = (await restCall(around, "GET", `${row.collection(properties)}/${id}`)) as
        | Record<string, unknown>
        | undefined;
      if (object === undefined) return undefined;
      return { id, properties: { ...properties, ...row.readable(object), ...row.computed(object) } };
    },
    delete: async (id, properties) => {
      await restCall(around, "DELETE", `${row.collection(properties)}/${id}`);
    },
  };
}
