#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Makes byobox.rules.yml (Prometheus), byobox.rules.test.yml (its tests) and byobox-dashboard.json (Grafana) of one
list of alerts and one of panels. `generate.py` writes them beside itself; `generate.py --check FOLDER` ends with 1 when
those in FOLDER are not what it would write, name a metric that docs/metrics.md does not, or leave one out.

JSON is YAML, so the rules are written as JSON: no library beyond Python's own is needed."""

import json
import os
import re
import sys

JOB = 'job="byobox"'


class Alert:
    """for_: how long the expression holds before it is told. shown: series as promtool writes them that make it fire
    at `at` with these labels; quiet: series that must not."""

    def __init__(self, name, severity, expr, for_, summary, description, shown, quiet, at='15m', labels=None):
        self.name, self.severity, self.expr, self.for_ = name, severity, expr, for_
        self.summary, self.description = summary, description
        self.shown, self.quiet, self.at, self.labels = shown, quiet, at, labels or {}


A = {'integration': 'a'}
ALERTS = (
    Alert('ByoboxDown', 'critical', f'up{{{JOB}}} == 0', '2m',
          'byobox does not answer', 'Prometheus cannot read /metrics: is the process up, is the password right?',
          [(f'up{{{JOB}}}', '0x20')], [(f'up{{{JOB}}}', '1x20')]),
    Alert('ByoboxRestarts', 'warning', 'changes(byobox_start_time_seconds[1h]) > 2', '0m',
          'byobox was started again and again', 'The journal of byobox.service says why; docs/user-guide.md, Running it.',
          [('byobox_start_time_seconds', '1x3 200x3 400x3 600x20')], [('byobox_start_time_seconds', '1x5 400x20')]),
    Alert('ByoboxStoreNotWritable', 'critical', 'byobox_store_writable == 0', '1m',
          'the store cannot be written', 'Sending is answered with HTTP 503: is the disk full? Event BYO-0401.',
          [('byobox_store_writable', '0x20')], [('byobox_store_writable', '1x20')]),
    Alert('ByoboxLinkDown', 'critical', 'byobox_link_up == 0', '1m',
          'the {{ $labels.link }} link to bearerbox is down', 'Is bearerbox up? Messages wait in the store.',
          [('byobox_link_up{link="own"}', '0x20')], [('byobox_link_up{link="own"}', '1x20')],
          labels={'link': 'own'}),
    Alert('ByoboxNodeMissing', 'warning', 'min by (node) (byobox_node_up) == 0', '5m',
          'the node {{ $labels.node }} is not there', 'The others have its queue; docs/several-nodes.md, When something goes.',
          [('byobox_node_up{instance="a",node="n2"}', '0x20'), ('byobox_node_up{instance="a",node="n1"}', '1x20')],
          [('byobox_node_up{instance="a",node="n2"}', '1x20')], labels={'node': 'n2'}),
    Alert('ByoboxIntegrationError', 'critical', 'byobox_integration_state{state="error"} == 1', '1m',
          '{{ $labels.integration }} is in state error', 'byoctl integration show ID says why; events BYO-0102, BYO-0105.',
          [('byobox_integration_state{integration="a",state="error"}', '1x20')],
          [('byobox_integration_state{integration="a",state="error"}', '0x20')],
          labels={'integration': 'a', 'state': 'error'}),
    Alert('ByoboxBindsMissing', 'warning',
          'byobox_binds{kind="online"} < ignoring(kind) byobox_binds{kind="configured"} and on(instance, integration) '
          'byobox_integration_state{state="active"} == 1', '10m',
          '{{ $labels.integration }} has fewer binds than configured', 'Ask the carrier how many it allows.',
          [('byobox_binds{integration="a",kind="online"}', '1x30'),
           ('byobox_binds{integration="a",kind="configured"}', '3x30'),
           ('byobox_integration_state{integration="a",state="active"}', '1x30')],
          [('byobox_binds{integration="a",kind="online"}', '3x30'),
           ('byobox_binds{integration="a",kind="configured"}', '3x30'),
           ('byobox_integration_state{integration="a",state="active"}', '1x30')], labels=A),
    Alert('ByoboxQueueOld', 'warning', 'byobox_queue_oldest_seconds > 300', '5m',
          'messages of {{ $labels.integration }} wait longer than five minutes',
          'Is the rate of the integration too low, is it bound, does the carrier throttle (byobox_rate)?',
          [('byobox_queue_oldest_seconds{integration="a"}', '400+60x20')],
          [('byobox_queue_oldest_seconds{integration="a"}', '100x20')], labels=A),
    # Of several nodes each has a part of the rate, one without work hardly any.
    Alert('ByoboxThrottled', 'warning',
          'byobox_rate < 0.5 * byobox_rate_limit unless on (instance) byobox_node_up or '
          'sum by (integration) (byobox_rate and on (instance) byobox_node_up) < '
          '0.5 * max by (integration) (byobox_rate_limit and on (instance) byobox_node_up)', '10m',
          'the carrier of {{ $labels.integration }} asks for less than half of the configured rate',
          'Lower messages-per-second, or ask the carrier for the rate that was agreed.',
          [('byobox_rate{integration="a"}', '4x30'), ('byobox_rate_limit{integration="a"}', '20x30')],
          [('byobox_rate{integration="a"}', '20x30'), ('byobox_rate_limit{integration="a"}', '20x30')], labels=A),
    Alert('ByoboxFailures', 'warning',
          'sum by (integration) (rate(byobox_segments_failed_total[15m])) > 0.2 * '
          '(sum by (integration) (rate(byobox_segments_failed_total[15m])) + '
          'sum by (integration) (rate(byobox_segments_delivered_total[15m])))', '5m',
          'more than a fifth of the segments of {{ $labels.integration }} fail',
          'topk by (cause) of byobox_segments_failed_total says with what; docs/reports.md says what that means.',
          [('byobox_segments_failed_total{integration="a",cause="EXPIRED"}', '0+60x30'),
           ('byobox_segments_delivered_total{integration="a"}', '0+60x30')],
          [('byobox_segments_failed_total{integration="a",cause="EXPIRED"}', '0+6x30'),
           ('byobox_segments_delivered_total{integration="a"}', '0+60x30')], at='25m', labels=A),
    Alert('ByoboxSlowAnswers', 'warning',
          'histogram_quantile(0.95, sum by (integration, le) (rate(byobox_submit_seconds_bucket[10m]))) > 5', '10m',
          'the carrier of {{ $labels.integration }} takes longer than 5 s to answer',
          'Ask the carrier; until then more binds or a larger window may keep the rate.',
          [('byobox_submit_seconds_bucket{integration="a",le="5"}', '0x40'),
           ('byobox_submit_seconds_bucket{integration="a",le="10"}', '0+60x40'),
           ('byobox_submit_seconds_bucket{integration="a",le="+Inf"}', '0+60x40')],
          [('byobox_submit_seconds_bucket{integration="a",le="5"}', '0+60x40'),
           ('byobox_submit_seconds_bucket{integration="a",le="10"}', '0+60x40'),
           ('byobox_submit_seconds_bucket{integration="a",le="+Inf"}', '0+60x40')], at='30m', labels=A),
    Alert('ByoboxReceiptsMissing', 'warning', 'increase(byobox_receipts_missing_total[1h]) > 10', '0m',
          '{{ $labels.integration }} got no receipt for segments within receipt-timeout',
          'Does the carrier send receipts over this account? Event BYO-0203.',
          [('byobox_receipts_missing_total{integration="a"}', '0+5x30')],
          [('byobox_receipts_missing_total{integration="a"}', '3x30')], labels=A),
    Alert('ByoboxPossibleDuplicates', 'warning', 'increase(byobox_possible_duplicates_total[15m]) > 0', '0m',
          'recipients of {{ $labels.integration }} may have got messages twice',
          'bearerbox gave no answer for segments (link lost, killed). Event BYO-0205.',
          [('byobox_possible_duplicates_total{integration="a"}', '0+1x30')],
          [('byobox_possible_duplicates_total{integration="a"}', '7x30')], labels=A),
    Alert('ByoboxInwardWaiting', 'warning', 'byobox_inward_waiting > 1000 and delta(byobox_inward_waiting[10m]) > 0',
          '10m', 'reports and messages for applications pile up', 'Is a smsbox missing? byoctl status names it.',
          [('byobox_inward_waiting', '2000+50x40')], [('byobox_inward_waiting', '2000x40')], at='30m'),
    Alert('ByoboxWebhookDrops', 'warning', 'increase(byobox_webhook_dropped_total[1h]) > 0', '0m',
          'events are dropped that event-webhook did not take', 'byoctl status says why; GET /v1/events has them.',
          [('byobox_webhook_dropped_total', '0+1x30')], [('byobox_webhook_dropped_total', '3x30')]),
    Alert('ByoboxLoginsFail', 'warning', 'increase(byobox_auth_failures_total[15m]) > 20', '0m',
          'somebody tries passwords at the admin port', 'Event BYO-0701 names the address.',
          [('byobox_auth_failures_total', '0+10x30')], [('byobox_auth_failures_total', '3x30')]),
)

# title, unit, expression and legend of each line, width of 24
PANELS = (
    ('Store writable', 'short', (('byobox_store_writable', '{{instance}}'),), 6),
    ('Links to bearerbox', 'short', (('byobox_link_up', '{{link}}'),), 6),
    ('Integrations in error', 'short', (('sum(byobox_integration_state{state="error"})', 'in error'),), 6),
    ('Binds', 'short', (('byobox_binds', '{{integration}} {{kind}}'),), 6),
    ('Nodes', 'short', (('min by (node) (byobox_node_up)', '{{node}}'),), 6),
    ('Version', 'short', (('byobox_info', '{{instance}} {{version}}'),), 6),
    ('Since the start', 's', (('time() - byobox_start_time_seconds', '{{instance}}'),), 6),
    ('Numbers and opt-outs', 'short', (('byobox_numbers', 'numbers'), ('byobox_opt_outs', 'opt-outs')), 6),
    ('Opting out and in', 'short', (
        ('sum by (integration) (increase(byobox_opted_out_total[1h]))', '{{integration}} out'),
        ('sum by (integration) (increase(byobox_opted_in_total[1h]))', '{{integration}} in')), 6),
    ('Messages taken and refused', 'mps', (
        ('sum by (integration) (rate(byobox_messages_total[5m]))', '{{integration}} taken'),
        ('sum by (integration) (rate(byobox_messages_refused_total[5m]))', '{{integration}} refused')), 12),
    ('Segments', 'cps', (
        ('sum by (integration) (rate(byobox_segments_handed_total[5m]))', '{{integration}} handed over'),
        ('sum by (integration) (rate(byobox_segment_retries_total[5m]))', '{{integration}} of them again'),
        ('sum by (integration) (rate(byobox_segments_accepted_total[5m]))', '{{integration}} accepted'),
        ('sum by (integration) (rate(byobox_segments_delivered_total[5m]))', '{{integration}} delivered')), 12),
    ('Failures by cause', 'cps', (
        ('sum by (integration, cause) (rate(byobox_segments_failed_total[5m]))', '{{integration}} {{cause}}'),), 12),
    ('Rate in force and limit', 'cps', (
        ('byobox_rate', '{{integration}}'), ('byobox_rate_limit', '{{integration}} limit')), 12),
    ('Answer to a submit', 's', tuple(
        (f'histogram_quantile({q}, sum by (integration, le) (rate(byobox_submit_seconds_bucket[5m])))',
         f'{{{{integration}}}} {int(q * 100)} %') for q in (0.5, 0.95)), 12),
    ('Receipt', 's', tuple(
        (f'histogram_quantile({q}, sum by (integration, le) (rate(byobox_receipt_seconds_bucket[30m])))',
         f'{{{{integration}}}} {int(q * 100)} %') for q in (0.5, 0.95)), 12),
    ('Receipts', 'cps', (
        ('sum by (integration) (rate(byobox_receipts_total[5m]))', '{{integration}}'),
        ('sum by (integration) (rate(byobox_receipts_missing_total[5m]))', '{{integration}} missing'),
        ('rate(byobox_unknown_reports_total[5m])', 'of no segment')), 12),
    ('Came again', 'short', (
        ('increase(byobox_mt_repeated_total[5m])', 'from a smsbox'),
        ('increase(byobox_inbound_repeated_total[5m])', 'from bearerbox'),
        ('sum by (integration) (increase(byobox_possible_duplicates_total[5m]))', '{{integration}} perhaps to the carrier')),
     12),
    ('Segments now', 'short', (
        ('byobox_segments', '{{integration}} {{state}}'), ('byobox_unacked_segments', 'not acked by bearerbox')), 12),
    ('Oldest in the queue', 's', (('byobox_queue_oldest_seconds', '{{integration}}'),), 12),
    ('Waiting for smsboxes', 'short', (
        ('byobox_inward_waiting', 'waiting'), ('byobox_inward_in_flight', 'in flight'),
        ('byobox_smsboxes', 'smsboxes')), 12),
    ('Inbound messages', 'cps', (
        ('sum by (integration) (rate(byobox_inbound_total[5m]))', '{{integration}}'),
        ('rate(byobox_inbound_passed_total[5m])', 'of other numbers')), 12),
    ('Ports', 'short', (
        ('increase(byobox_link_reconnects_total[5m])', 'reconnects to bearerbox'),
        ('increase(byobox_refused_peers_total[5m])', 'smsboxes refused'),
        ('increase(byobox_bad_frames_total[5m])', 'bad frames'),
        ('increase(byobox_auth_failures_total[5m])', 'wrong passwords')), 12),
    ('Store', 'bytes', (('byobox_store_bytes', '{{instance}}'),), 12),
    ('Rows read late', 'ops', (('rate(byobox_store_late_reads_total[5m])', '{{instance}}'),), 12),
    ('Events posted', 'short', (
        ('byobox_webhook_waiting', 'waiting'), ('increase(byobox_webhook_posted_total[5m])', 'posted'),
        ('increase(byobox_webhook_failures_total[5m])', 'tries that failed'),
        ('increase(byobox_webhook_dropped_total[5m])', 'dropped')), 12),
    ('Events', 'short', (
        ('sum by (definition, name) (increase(byobox_events_total[5m]))', '{{definition}} {{name}}'),), 12),
)

NOT_SHOWN = {'byobox_store_octets'}  # the old name of byobox_store_bytes


def rules():
    return {'groups': [{'name': 'byobox', 'rules': [
        {'alert': a.name, 'expr': a.expr, 'for': a.for_, 'labels': {'severity': a.severity},
         'annotations': {'summary': a.summary, 'description': a.description}} for a in ALERTS]}]}


def filled(text, labels):
    return re.sub(r'\{\{ \$labels\.(\w+) \}\}', lambda m: labels[m.group(1)], text)


def labels_of(alert):
    up = {'job': 'byobox'} if alert.expr.startswith('up{') else {}
    return {**up, **alert.labels, 'severity': alert.severity}


def tests():
    cases = []
    for a in ALERTS:
        told = {'exp_labels': labels_of(a), 'exp_annotations': {
            'summary': filled(a.summary, a.labels), 'description': a.description}}
        for series, expected in ((a.shown, [told]), (a.quiet, [])):
            cases.append({'interval': '1m',
                          'input_series': [{'series': s, 'values': v} for s, v in series],
                          'alert_rule_test': [{'eval_time': a.at, 'alertname': a.name, 'exp_alerts': expected}]})
    return {'rule_files': ['byobox.rules.yml'], 'evaluation_interval': '1m', 'tests': cases}


def panel(number, title, unit, lines, x, y, width):
    source = {'type': 'prometheus', 'uid': '${datasource}'}
    return {'id': number, 'type': 'timeseries', 'title': title, 'datasource': source,
            'gridPos': {'x': x, 'y': y, 'w': width, 'h': 8},
            'fieldConfig': {'defaults': {'unit': unit, 'min': 0}, 'overrides': []},
            'options': {'legend': {'displayMode': 'list', 'placement': 'bottom'}, 'tooltip': {'mode': 'multi'}},
            'targets': [{'refId': chr(65 + i), 'datasource': source, 'expr': expr, 'legendFormat': legend}
                        for i, (expr, legend) in enumerate(lines)]}


def dashboard():
    panels, x, y = [], 0, 0
    for number, (title, unit, lines, width) in enumerate(PANELS, 1):
        if x + width > 24:
            x, y = 0, y + 8
        panels.append(panel(number, title, unit, lines, x, y, width))
        x += width
    return {'uid': 'byobox', 'title': 'byobox', 'tags': ['byobox', 'sms'], 'schemaVersion': 37, 'version': 1,
            'timezone': 'browser', 'editable': True, 'refresh': '30s', 'time': {'from': 'now-6h', 'to': 'now'},
            'templating': {'list': [{'name': 'datasource', 'type': 'datasource', 'query': 'prometheus',
                                     'label': 'Prometheus'}]},
            'panels': panels}


def as_json(value):
    return json.dumps(value, indent=2, ensure_ascii=False) + '\n'


HEAD = '# Made by generate.py; change that.\n'
FILES = {'byobox.rules.yml': lambda: HEAD + as_json(rules()),
         'byobox.rules.test.yml': lambda: HEAD + as_json(tests()),
         'byobox-dashboard.json': lambda: as_json(dashboard())}


def named():
    """Every metric that a rule or a panel names, as docs/metrics.md writes it."""
    text = ' '.join([a.expr for a in ALERTS] + [expr for p in PANELS for expr, _ in p[2]])
    return {re.sub(r'_bucket$', '', name) for name in re.findall(r'\bbyobox_\w+', text)}


def faults(folder):
    for name, make in FILES.items():
        path = os.path.join(folder, name)
        try:
            with open(path, encoding='utf-8') as file:
                if file.read() != make():
                    yield f'{path} is not what generate.py makes: run it'
        except OSError as error:
            yield f'{path}: {error}'
    with open(os.path.join(folder, '..', 'metrics.md'), encoding='utf-8') as file:
        first = re.findall(r'^\| ([^|]*byobox_[^|]*)\|', file.read(), re.M)
    known = set(re.findall(r'`(byobox_\w+)`', ' '.join(first)))
    for name in sorted(named() - known):
        yield f'{name} stands in no line of docs/metrics.md'
    for name in sorted(known - named() - NOT_SHOWN):
        yield f'{name} of docs/metrics.md stands in no panel and no alert'


def main(arguments):
    if arguments[:1] == ['--check'] and len(arguments) == 2:
        found = list(faults(arguments[1]))
        print('\n'.join(found) or 'rules, their tests and the dashboard are current')
        return 1 if found else 0
    if arguments:
        sys.exit(__doc__)
    for name, make in FILES.items():
        with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), name), 'w', encoding='utf-8') as file:
            file.write(make())
    return 0


if __name__ == '__main__':
    sys.exit(main(sys.argv[1:]))
