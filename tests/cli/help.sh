#!/usr/bin/env bash
# The help of every command: its own options first, then those that it shares with others; examples; no empty group.
source "$(dirname "${BASH_SOURCE[0]}")/common.bash"

commands=$("$GASKET" help | awk '/^commands:/ { on = 1; next } /^$/ { on = 0 } on { print $1 }')
[[ $(wc -w <<<"$commands") -gt 10 ]] || fail "commands: $commands"
shared=' graph options:| run options:| engine options:| machine options:'
for command in $commands; do
  "$GASKET" "$command" --help >help || fail "$command --help"
  grep -q '^examples:' help || fail "$command: no examples"
  grep -E '^ [a-z]+ options:$' help >groups
  grep -vxE "$shared" groups >own
  head -n "$(wc -l <own)" groups | cmp -s - own && ok "$command" || fail "$command: groups are $(cat groups)"
  grep -A 1 ' options:$' help | grep -q '^$' && fail "$command: a group without options"
  grep -q -- '--top' help && ! grep -q 'print the K ' help && fail "$command: does not say what --top prints"
done
finish
