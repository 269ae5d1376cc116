// Blocks wider than the page can be scrolled with the keyboard, too.
addEventListener("load", () => {
  for (const block of document.querySelectorAll("pre, .table-wrapper, div.math, .tagger-report .scroll"))
    if (block.scrollWidth > block.clientWidth) block.tabIndex = 0;
});
