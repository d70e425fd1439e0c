"""The three renderings of one plan say the same: plan.py PLAN…

PLAN.text, PLAN.json and PLAN.dot are what --plan=… printed. One line on stdout for each thing that is wrong, "PLAN: what". DOT is read line by line: what does not fit its grammar as --plan=dot uses it is wrong.
"""
import json
import re
import sys

QUOTED = r'"((?:[^"\\]|\\.)*)"'


def plain(quoted):
    return re.sub(r"\\(.)", r"\1", quoted)


def from_text(lines):
    """The head's numbers, {task: (parallelism, chain)}, [(from, to, how)]"""
    head = re.fullmatch(r"Job (.+): (\d+) tasks?, (\d+) operators?, (\d+) slots?", lines[0])
    tasks, links, task = {}, [], None
    for line in lines[1:]:
        if found := re.fullmatch(r"task (\d+), parallelism (\d+): (.+)", line):
            task = int(found[1])
            tasks[task] = (int(found[2]), found[3])
        elif found := re.fullmatch(r"    .+ -> task (\d+) by (\w+)( of \w+)?(, its second input)?", line):
            links.append((task, int(found[1]), found[2]))
    return (head[1], int(head[2]), int(head[3])) if head else None, tasks, sorted(links)


def from_json(text):
    plan = json.loads(text)
    tasks = {int(node["id"]): (node["parallelism"], node["description"]) for node in plan["nodes"]}
    links = [(int(i["id"]), int(node["id"]), i["ship_strategy"].lower()) for node in plan["nodes"] for i in node["inputs"]]
    return plan["name"], tasks, sorted(links)


def from_dot(lines, wrong):
    """{task: (parallelism, {operator: name}, calls)}, [(from operator, to operator, how)]"""
    tasks, links, task, depth = {}, [], None, 0
    for line in lines:
        depth += line.endswith("{") - (line.strip() == "}")
        if found := re.fullmatch(r"  subgraph cluster_(\d+) {", line):
            task = int(found[1])
        elif found := re.fullmatch(r'    label="task (\d+) x(\d+)";', line):
            tasks[task] = (int(found[2]), {}, [])
        elif found := re.fullmatch(rf"    (op\d+) \[label={QUOTED}\];", line):
            tasks[task][1][found[1]] = plain(found[2])
        elif found := re.fullmatch(r"    (op\d+) -> (op\d+);", line):
            tasks[task][2].append((found[1], found[2]))
        elif found := re.fullmatch(rf"  (op\d+) -> (op\d+) \[label={QUOTED}\];", line):
            links.append((found[1], found[2], found[3].split()[0]))
        elif not re.fullmatch(rf"digraph {QUOTED} {{|  rankdir=LR;|  node \[shape=box\];|  }}|}}", line):
            wrong(f"not DOT: {line}")
    if depth != 0:
        wrong("DOT: braces do not match")
    return tasks, links


def check(text, json_text, dot, wrong):
    head, tasks, links = from_text(text.splitlines())
    name, json_tasks, json_links = from_json(json_text)
    drawn, arrows = from_dot(dot.splitlines(), wrong)
    task_of = {operator: task for task, (_, operators, _) in drawn.items() for operator in operators}
    if head != (name, len(tasks), len(task_of)):
        wrong(f"head {head}: the others have {name}, {len(tasks)} tasks, {len(task_of)} operators")
    if tasks != json_tasks:
        wrong(f"tasks: text {tasks}, JSON {json_tasks}")
    if tasks != {task: (p, " -> ".join(operators.values())) for task, (p, operators, _) in drawn.items()}:
        wrong(f"tasks: text {tasks}, DOT {drawn}")
    drawn_links = sorted((task_of.get(a, 0), task_of.get(b, 0), how) for a, b, how in arrows)
    if not links == json_links == drawn_links:
        wrong(f"links: text {links}, JSON {json_links}, DOT {drawn_links}")
    for task, (_, operators, calls) in drawn.items():
        if {b for _, b in calls} != set(list(operators)[1:]) or not all(a in operators for a, _ in calls):
            wrong(f"task {task}: {calls} do not lead to all of {operators}")


def main(plans):
    for plan in plans:
        texts = []
        for form in ("text", "json", "dot"):
            with open(f"{plan}.{form}", encoding="utf-8") as file:
                texts.append(file.read())
        try:
            check(*texts, lambda what, plan=plan: print(f"{plan}: {what}"))
        except (ValueError, KeyError, IndexError, TypeError) as error:
            print(f"{plan}: {type(error).__name__}: {error}")


main(sys.argv[1:])
