// SPDX-License-Identifier: BSD-3-Clause
// A small SMSC on the npm package `smpp`. Says what happens in JSON lines on stdout; a JSON line on
// stdin is a deliver_sm to send: {"source": "...", "destination": "...", "text": "..."}.
'use strict';
const readline = require('readline');
const smpp = require('smpp');

const tell = (event) => process.stdout.write(JSON.stringify(event) + '\n');
const receivers = [];
let count = 0;

function onBind(session, pdu, receives) {
  if (pdu.system_id !== 'byo' || pdu.password !== 'secret') {
    session.send(pdu.response({ command_status: smpp.ESME_RBINDFAIL }));
    return;
  }
  session.send(pdu.response());
  if (receives) receivers.push(session);
  tell({ event: 'bound', kind: pdu.command });
}

function onSubmit(session, pdu) {
  if (pdu.destination_addr === '12025550111') {
    session.send(pdu.response({ command_status: smpp.ESME_RINVDSTADR }));
    return;
  }
  const id = 'node-' + (++count);
  // What this library understood of the text, by its own tables; the octets where it has no table.
  const short = pdu.short_message;
  tell({
    event: 'submit', id, source: pdu.source_addr, destination: pdu.destination_addr,
    text: short.message.toString(), octets: Buffer.from(short.message, 'latin1').toString('hex'),
    dcs: pdu.data_coding,
    udh: short.udh ? Buffer.concat([].concat(short.udh)).toString('hex') : '',
  });
  session.send(pdu.response({ message_id: id }));
  if (pdu.registered_delivery & 1) {
    session.deliver_sm({
      source_addr: pdu.destination_addr, destination_addr: pdu.source_addr, esm_class: 4,
      short_message: { message: `id:${id} sub:001 dlvrd:001 submit date:2611221600 done date:2611221601`
        + ' stat:DELIVRD err:000 text:' },
      receipted_message_id: id, message_state: 2,
    }, (answer) => tell({ event: 'receipt-answered', id, status: answer.command_status }));
  }
}

const server = smpp.createServer((session) => {
  session.on('bind_transceiver', (pdu) => onBind(session, pdu, true));
  session.on('bind_receiver', (pdu) => onBind(session, pdu, true));
  session.on('bind_transmitter', (pdu) => onBind(session, pdu, false));
  session.on('submit_sm', (pdu) => onSubmit(session, pdu));
  session.on('enquire_link', (pdu) => session.send(pdu.response()));
  session.on('unbind', (pdu) => { session.send(pdu.response()); session.close(); });
  session.on('close', () => {
    const at = receivers.indexOf(session);
    if (at >= 0) receivers.splice(at, 1);
  });
  session.on('error', () => {});
});
server.listen(0, '127.0.0.1', () => tell({ event: 'listening', port: server.address().port }));

readline.createInterface({ input: process.stdin }).on('line', (line) => {
  const mo = JSON.parse(line);
  receivers[0].deliver_sm({
    source_addr: mo.source, source_addr_ton: 1, source_addr_npi: 1,
    destination_addr: mo.destination, dest_addr_ton: 1, dest_addr_npi: 1, short_message: mo.text,
  }, (answer) => tell({ event: 'mo-answered', status: answer.command_status }));
}).on('close', () => process.exit(0));
