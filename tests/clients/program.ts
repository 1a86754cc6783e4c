// A small program on the types that openapi-typescript makes of our document. tests/clients/test_typescript.py has it
// checked, not run; what follows @ts-expect-error has to be an error.

import type { operations, paths } from "./slurm";

type Answer<Operation extends keyof operations> = operations[Operation] extends {
    responses: { 200: { content: { "application/json": infer Body } } };
}
    ? Body
    : never;

type Submission = NonNullable<
    paths["/slurm/v0.0.45/job/submit"]["post"]["requestBody"]
>["content"]["application/json"];

export const submission: Submission = {
    script: "#!/bin/sh\nhostname\n",
    job: {
        name: "typed",
        current_working_directory: "/tmp",
        environment: ["PATH=/usr/bin:/bin"],
        time_limit: { set: true, number: 5 },
        mail_type: ["END", "FAIL"],
    },
};

export function submitted(answer: Answer<"slurm_v0045_post_job_submit">): number | undefined {
    return answer.job_id;
}

export function running(answer: Answer<"slurm_v0045_get_jobs">): string[] {
    return answer.jobs
        .filter((job) => job.job_state?.includes("RUNNING"))
        .map((job) => `${job.job_id} of ${job.user_name}: ${job.time_limit?.number ?? "no limit"}`);
}

// The same field in the oldest and the newest version.
export function nodes(
    old: Answer<"slurm_v0040_get_nodes">,
    now: Answer<"slurm_v0045_get_nodes">,
): Array<string | undefined> {
    return [...old.nodes, ...now.nodes].map((node) => node.name);
}

export function accounts(answer: Answer<"slurmdb_v0045_get_accounts">): string[] {
    return answer.accounts.map((account) => `${account.name}: ${account.organization}`);
}

export function failures(answer: Answer<"slurm_v0045_delete_jobs">): string[] {
    return (answer.errors ?? []).map((error) => `${error.error_number} at ${error.source}`);
}

// @ts-expect-error: the script is a text
export const number: Submission = { script: 5 };

// @ts-expect-error: there is no such flag
export const flag: Submission = { job: { mail_type: ["NEVER_EVER"] } };

// @ts-expect-error: there is no such field
export const field = (answer: Answer<"slurm_v0045_get_jobs">) => answer.jobs[0].job_name;

// @ts-expect-error: v0.0.40 has no such path
export type Missing = paths["/slurm/v0.0.40/conf"];
