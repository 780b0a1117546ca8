#pragma once
// From strings as ids to dense global ids, on all ranks together: a vertex's number is the position of its string among
// all, ascending by bytes, so it depends on the input alone.
//
// A sample sort: every rank owns the strings of an interval. Each rank sends an interval's strings to its owner, one owner
// at a time, and owners keep the union; when all are known and numbered, the same strings are sent again and the numbers
// come back. Sending twice saves what keeping would cost: beside the table of its share, a rank holds no more than two
// intervals' strings (of which all are `ranks`) and 16 bytes per string of its share.

#include <vector>

#include "partition/comm/communicator.hpp"
#include "partition/graph/name_list.hpp"
#include "partition/graph/name_table.hpp"
#include "partition/types.hpp"

namespace gasket {

struct NumberedNames {
  BigArray<GlobalId> numbers;    // by the table's numbers
  std::vector<GlobalId> begins;  // this rank owns the names of begins[rank] .. begins[rank + 1] - 1
  NameList owned;                // ascending
};

/// Collective. The table is cleared.
NumberedNames number_names(Communicator& comm, NameTable& table);

}  // namespace gasket
