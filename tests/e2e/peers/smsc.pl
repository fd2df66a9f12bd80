#!/usr/bin/perl
# SPDX-License-Identifier: BSD-3-Clause
# A small SMSC on Debian's libnet-smpp-perl. Says what happens in JSON lines on stdout; a JSON line on
# stdin is a deliver_sm to send: {"source": "...", "destination": "...", "text": "..."}.
use strict;
use warnings;
use IO::Select;
use JSON::PP;
use Net::SMPP;

$| = 1;
my $json = JSON::PP->new->canonical->latin1;
my $server = Net::SMPP->new_listen('127.0.0.1', port => 0, smpp_version => 0x34) or die "listen: $!";
my $select = IO::Select->new($server, \*STDIN);
my (%receives, %waiting);
my $count = 0;

sub tell_event { print $json->encode({@_}), "\n"; }

sub on_bind {
    my ($smpp, $pdu, $kind) = @_;
    my $good = $pdu->{system_id} eq 'byo' && $pdu->{password} eq 'secret';
    my $answer = "bind_${kind}_resp";
    $smpp->$answer(seq => $pdu->{seq}, system_id => 'perl', status => $good ? 0 : 0x0d);
    return unless $good;
    $receives{$smpp} = $smpp if $kind ne 'transmitter';
    tell_event(event => 'bound', kind => "bind_$kind");
}

sub on_submit {
    my ($smpp, $pdu) = @_;
    if ($pdu->{destination_addr} eq '12025550111') {
        $smpp->submit_sm_resp(seq => $pdu->{seq}, status => 0x0b, message_id => '');
        return;
    }
    my $id = 'perl-' . ++$count;
    my $text = $pdu->{short_message};
    my $udh = '';
    $udh = substr($text, 0, 1 + ord $text, '') if $pdu->{esm_class} & 0x40;
    tell_event(event => 'submit', id => $id, source => $pdu->{source_addr},
        destination => $pdu->{destination_addr}, octets => unpack('H*', $text),
        dcs => $pdu->{data_coding}, udh => unpack('H*', $udh));
    $smpp->submit_sm_resp(seq => $pdu->{seq}, message_id => $id);
    return unless $pdu->{registered_delivery} & 1;
    my $seq = $smpp->deliver_sm(
        async => 1, source_addr => $pdu->{destination_addr}, destination_addr => $pdu->{source_addr},
        esm_class => 4, short_message => "id:$id sub:001 dlvrd:001 submit date:2611221600 "
            . "done date:2611221601 stat:DELIVRD err:000 text:");
    $waiting{"$smpp $seq"} = {event => 'receipt-answered', id => $id};
}

sub on_pdu {
    my ($smpp) = @_;
    my $pdu = $smpp->read_pdu();
    if (!$pdu) {
        $select->remove($smpp);
        delete $receives{$smpp};
        $smpp->close;
        return;
    }
    my $cmd = $pdu->{cmd};
    if    ($cmd == Net::SMPP::CMD_bind_transceiver) { on_bind($smpp, $pdu, 'transceiver') }
    elsif ($cmd == Net::SMPP::CMD_bind_transmitter) { on_bind($smpp, $pdu, 'transmitter') }
    elsif ($cmd == Net::SMPP::CMD_bind_receiver)    { on_bind($smpp, $pdu, 'receiver') }
    elsif ($cmd == Net::SMPP::CMD_submit_sm)        { on_submit($smpp, $pdu) }
    elsif ($cmd == Net::SMPP::CMD_enquire_link)     { $smpp->enquire_link_resp(seq => $pdu->{seq}) }
    elsif ($cmd == Net::SMPP::CMD_unbind)           { $smpp->unbind_resp(seq => $pdu->{seq}) }
    elsif ($cmd == Net::SMPP::CMD_deliver_sm_resp) {
        my $event = delete $waiting{"$smpp $pdu->{seq}"};
        tell_event(%$event, status => $pdu->{status}) if $event;
    }
}

tell_event(event => 'listening', port => $server->sockport);
while (1) {
    for my $ready ($select->can_read) {
        if ($ready == $server) {
            my $smpp = $server->accept or next;
            $select->add($smpp);
        } elsif ($ready == \*STDIN) {
            my $line = <STDIN>;
            exit 0 unless defined $line;
            my $mo = $json->decode($line);
            my ($smpp) = values %receives;
            my $seq = $smpp->deliver_sm(
                async => 1, source_addr => $mo->{source}, source_addr_ton => 1, source_addr_npi => 1,
                destination_addr => $mo->{destination}, dest_addr_ton => 1, dest_addr_npi => 1,
                short_message => $mo->{text});
            $waiting{"$smpp $seq"} = {event => 'mo-answered'};
        } else {
            on_pdu($ready);
        }
    }
}
