# Writes OUTPUT, a C++ file that holds the text of every card:
#   cmake -DOUTPUT=… "-DCARDS=a.toml;b.toml" -P embed_cards.cmake
set(rows "")
foreach(card ${CARDS})
  get_filename_component(name ${card} NAME_WLE)
  file(READ ${card} text)
  string(APPEND rows "    {\"${name}\", R\"CARD(${text})CARD\"},\n")
endforeach()
file(CONFIGURE OUTPUT ${OUTPUT} @ONLY CONTENT [[
#include "curlew/infer/embedded_cards.hpp"

namespace curlew {
namespace {

constexpr EmbeddedCard kCards[] = {
@rows@};

}  // namespace

std::span<const EmbeddedCard> embedded_cards() { return kCards; }

}  // namespace curlew
]])
