/*
 * What makes a request one that servers read in different ways.
 */

/** How a path is looked at: `sent`, in small letters and with its escapes, or `read`, with each escape decoded once. */
type View = "sent" | "read";

/** What of the ambiguous a rule may accept, by name. */
export const ACCEPTABLE = ["encoded-slash", "double-slash", "method-override", "second-token"] as const;
export type Acceptable = (typeof ACCEPTABLE)[number];

/** A text in a path that some server reads as something else. */
export interface PathTrick {
  readonly view: View;
  readonly text: string;
  /** The text is the rest of a segment. */
  readonly segment?: true;
  /** The name by which a rule may accept it. */
  readonly accept?: Acceptable;
  readonly reason: string;
  /** A path that the text is in, and no other row's. */
  readonly sample: string;
}

/** The one list of what makes a path ambiguous. The tests try it against servers and what stands before them. */
export const PATH_TRICKS: readonly PathTrick[] = [
  {
    view: "read",
    text: "//",
    accept: "double-slash",
    reason: "nginx, Apache, Tomcat and Go merge slashes",
    sample: "//orders/1",
  },
  {
    view: "read",
    text: "\\",
    reason: "the WHATWG URL parser (Node) and IIS read it as /",
    sample: "/x\\..\\orders\\1",
  },
  {
    view: "read",
    text: ";",
    reason: "Tomcat cuts it off with what follows, also when a proxy has decoded it",
    sample: "/orders%3bx/1",
  },
  {
    view: "read",
    text: "?",
    reason: "where a proxy hands the decoded path on (Apache: CVE-2024-38474), a query begins",
    sample: "/orders%3f/1",
  },
  {
    view: "read",
    text: "#",
    reason: "nginx, Apache and the WHATWG URL parser end a path there, also when a proxy has decoded it",
    sample: "/orders%23/1",
  },
  {
    view: "read",
    text: "%",
    reason: "an encoded % is decoded twice by a chain of servers; an escape that is none, such as %u, by IIS",
    sample: "/%256frders/1",
  },
  { view: "read", text: "/.", segment: true, reason: "a dot segment is removed", sample: "/%2e/orders/1" },
  {
    view: "read",
    text: "/..",
    segment: true,
    reason: "a dot segment is removed with the segment before it (RFC 3986 section 5.2.4)",
    sample: "/x/.%2e/orders/1",
  },
  {
    view: "sent",
    text: "%2f",
    accept: "encoded-slash",
    reason: "a router that decodes segments one by one sees one segment where rules see two",
    sample: "/users/a%2fb",
  },
  {
    view: "sent",
    text: "%20",
    segment: true,
    reason: "the WHATWG URL parser cuts a blank off the end, and Windows off every segment",
    sample: "/orders%20",
  },
  {
    view: "sent",
    text: "%0",
    reason: "a control character ends or is cut from the text",
    sample: "/orders%00/1",
  },
  { view: "sent", text: "%1", reason: "a control character, too", sample: "/or%1fders/1" },
  { view: "sent", text: "%7f", reason: "a control character, too", sample: "/or%7fders/1" },
  {
    view: "sent",
    text: "%c0",
    reason: "overlong UTF-8 (RFC 3629 section 3): decoders that do not check read ASCII (CVE-2008-2938)",
    sample: "/%c0%ae/orders/1",
  },
  { view: "sent", text: "%c1", reason: "overlong UTF-8, too", sample: "/%c1%afrders/1" },
  { view: "sent", text: "%e0%8", reason: "overlong UTF-8 in three bytes", sample: "/%e0%80%ae/orders/1" },
  { view: "sent", text: "%f0%8", reason: "overlong UTF-8 in four bytes", sample: "/%f0%80%80%ae/orders/1" },
  { view: "sent", text: "%f8", reason: "overlong UTF-8 in five bytes", sample: "/%f8%80%80%80%ae/orders/1" },
  {
    view: "sent",
    text: "%fc",
    reason: "overlong UTF-8 in six bytes",
    sample: "/%fc%80%80%80%80%ae/orders/1",
  },
  {
    view: "sent",
    text: "%ef%bc%8e",
    reason: "a full-width . is a dot where text is normalized (UAX #15, NFKC)",
    sample: "/%ef%bc%8e/orders/1",
  },
  {
    view: "sent",
    text: "%ef%bc%8f",
    reason: "a full-width / is a slash there",
    sample: "/orders%ef%bc%8f1",
  },
  {
    view: "sent",
    text: "%ef%bc%bc",
    reason: "a full-width \\ is a backslash there",
    sample: "/orders%ef%bc%bc1",
  },
  {
    view: "sent",
    text: "%ef%bc%9b",
    reason: "a full-width ; is one there",
    sample: "/orders%ef%bc%9bx/1",
  },
  {
    view: "sent",
    text: "%ef%bc%9f",
    reason: "a full-width ? is one there",
    sample: "/orders%ef%bc%9fx/1",
  },
  {
    view: "sent",
    text: "%ef%bc%83",
    reason: "a full-width # is one there",
    sample: "/orders%ef%bc%83x/1",
  },
  {
    view: "sent",
    text: "%ef%bc%85",
    reason: "a full-width % is one there, and begins an escape",
    sample: "/%ef%bc%856frders/1",
  },
  {
    view: "sent",
    text: "%e2%80%a4",
    reason: "a one dot leader is a dot there",
    sample: "/%e2%80%a4/orders/1",
  },
  {
    view: "sent",
    text: "%e2%80%a5",
    reason: "a two dot leader is two dots there",
    sample: "/x/%e2%80%a5/orders/1",
  },
];

/** Headers by which some frameworks let a client replace the path it sent. */
export const PATH_HEADERS = ["x-original-url", "x-rewrite-url"];

/** Headers by which some frameworks let a client replace the method it sent. */
export const METHOD_HEADERS = ["x-http-method-override", "x-http-method", "x-method-override"];
