#!/usr/bin/perl
# SPDX-License-Identifier: BSD-3-Clause
# Writes one charset as Perl's Encode knows it, for tests/unit/test_charset.c: a line for each character that
# it encodes or decodes, from all of Unicode and from all sequences of one octet (and 0x1B with one more for
# gsm0338). Columns: scalar, octets it is encoded as or -, octets that decode to it (several lines) or -.
# Usage: charset_vectors.pl gsm0338 > tests/vectors/charset-gsm0338.tsv
use strict;
use warnings;
use Encode qw(FB_CROAK);

my $name = shift // die "usage: $0 ENCODING\n";
my $coder = Encode::find_encoding($name) or die "$name: unknown to Encode\n";
my %encoded;
for my $scalar (0 .. 0x10FFFF) {
    next if $scalar >= 0xD800 && $scalar <= 0xDFFF;
    my $text = chr $scalar;
    my $octets = eval { no warnings; $coder->encode($text, FB_CROAK) };
    $encoded{$scalar} = $octets if defined $octets && length $octets;
}
my @sequences = map { chr } 0 .. 255;
push @sequences, map { "\x1b" . chr } 0 .. 255 if $name eq 'gsm0338';
my %decoded;
for my $octets (@sequences) {
    my $copy = $octets;
    my $text = eval { no warnings; $coder->decode($copy, FB_CROAK) };
    next unless defined $text && length $text == 1;
    push @{ $decoded{ ord $text } }, $octets;
}
my %all = (%encoded, %decoded);
printf "# %s of Encode %s, Perl %vd: scalar, encoded as, decoded from\n", $name, $Encode::VERSION, $^V;
for my $scalar (sort { $a <=> $b } keys %all) {
    my $there = exists $encoded{$scalar} ? unpack('H*', $encoded{$scalar}) : '-';
    my @back = map { unpack 'H*', $_ } sort @{ $decoded{$scalar} // [] };
    printf "%04X\t%s\t%s\n", $scalar, $there, $_ for @back ? @back : ('-');
}
