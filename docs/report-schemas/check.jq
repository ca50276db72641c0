# Checks a document against one of the JSON Schemas beside this file, as far as they go (type, required, properties, additionalProperties,
# items, enum, anyOf, bounds). Prints [] when nothing is wrong; otherwise what is, a line each, on standard error, with exit code 1.
#
#   jq --slurpfile schema session.json -f check.jq document.json

def kind: if type == "number" then (if . == floor then "integer" else "number" end) else type end;
def fits($type): (kind == $type) or (kind == "integer" and $type == "number");

def faults($schema; $at):
  . as $value
  | if $schema | has("anyOf") then
      ([$schema.anyOf[] as $each | [$value | faults($each; $at)]] | if any(length == 0) then empty else "\($at): \($value | tojson) is none of what it may be" end)
    elif ($schema | has("type")) and (fits($schema.type) | not) then "\($at): \(tojson[:80]) is not \($schema.type)"
    else
      (if ($schema | has("enum")) and ([$schema.enum[] == $value] | any | not) then "\($at): \(tojson) is not one of \($schema.enum | tojson)" else empty end),
      (if ($schema | has("minimum")) and $value < $schema.minimum then "\($at): \(tojson) is below \($schema.minimum)" else empty end),
      (if ($schema | has("maximum")) and $value > $schema.maximum then "\($at): \(tojson) is above \($schema.maximum)" else empty end),
      (if ($schema | has("minItems")) and ($value | length) < $schema.minItems then "\($at): fewer than \($schema.minItems)" else empty end),
      (if ($schema | has("maxItems")) and ($value | length) > $schema.maxItems then "\($at): more than \($schema.maxItems)" else empty end),
      (($schema.required // [])[] as $name | if $value | has($name) then empty else "\($at).\($name) is missing" end),
      (($schema.properties // {} | to_entries[]) as $each | if $value | has($each.key) then $value[$each.key] | faults($each.value; "\($at).\($each.key)") else empty end),
      (if ($schema.additionalProperties | type) == "object" then $value | to_entries[] as $each | select($schema.properties // {} | has($each.key) | not) | $each.value | faults($schema.additionalProperties; "\($at).\($each.key)") else empty end),
      (if ($schema | has("items")) and ($value | type) == "array" then range($value | length) as $index | $value[$index] | faults($schema.items; "\($at)[\($index)]") else empty end)
    end;

[faults($schema[0]; "document")] | if length > 0 then (map(. + "\n") | add | halt_error(1)) else . end
