// What an eye, a thumb or a notch would complain of on this page, as sentences.
const [insets] = arguments;
const complaints = [];

const say = one => `${one.tagName.toLowerCase()} ${JSON.stringify((one.innerText || one.ariaLabel || one.value || one.alt || one.id).slice(0, 40))}`;
const isShown = one => one.checkVisibility({ visibilityProperty: true }) && one.getClientRects().length > 0;
const all = selector => [...document.querySelectorAll(selector)].filter(one => isShown(one) && !one.matches('.skip'));
const controls = all('a[href], button, input, textarea, select, summary, [role=button], [tabindex="0"]');
const px = length => Math.round(length * 10) / 10;

// Everything to read, look at or touch, as it lies on the screen.
const pieces = () => {
    const found = [...controls, ...all('img, [role=img], .card')].map(one => [say(one), one.getBoundingClientRect()]);
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    while (walker.nextNode()) {
        const text = walker.currentNode, parent = text.parentElement;
        if (!text.data.trim() || parent.closest('.skip, script, textarea') || !isShown(parent)) continue;
        const range = document.createRange();
        range.selectNodeContents(text);
        for (const box of range.getClientRects()) found.push([JSON.stringify(text.data.slice(0, 40)), box]);
    }
    return found.filter(([, box]) => box.width > 0 && box.height > 0);
};

// Nothing is wider than the screen.
const page = document.scrollingElement;
const excess = page.scrollWidth - page.clientWidth;
if (excess > 0) complaints.push(`the page is ${excess} px wider than the screen`);

// Nothing lies under the notch, the status bar or the home indicator once the page is scrolled to its end.
const edges = (side, isOutside) => {
    for (const [what, box] of pieces()) if (isOutside(box)) complaints.push(`${what} lies under the ${side} edge, at ${px(box.left)}, ${px(box.top)} to ${px(box.right)}, ${px(box.bottom)}`);
};
scrollTo({ top: 0, behavior: 'instant' });
edges('left', box => box.left < insets.left - .5);
edges('right', box => box.right > innerWidth - insets.right + .5);
edges('top', box => box.top < insets.top - .5);
scrollTo({ top: page.scrollHeight, behavior: 'instant' });
edges('bottom', box => box.bottom > innerHeight - insets.bottom + .5);

for (const one of controls) {
    // A thumb hits it, and nothing else.
    one.scrollIntoView({ block: 'center', behavior: 'instant' });
    const boxes = [...one.getClientRects()], whole = one.getBoundingClientRect();
    const height = Math.min(...boxes.map(box => box.height));
    if (height < 43.9 || whole.width < 43.9) complaints.push(`${say(one)} is only ${px(whole.width)} x ${px(height)} px large`);
    const [box] = boxes;
    const hit = document.elementFromPoint(box.left + box.width / 2, box.top + box.height / 2);
    if (!one.contains(hit)) complaints.push(`${say(one)} lies under ${hit ? say(hit) : 'nothing'}`);
    // Two quick taps are two taps. What an element allows, everything in it is allowed at most.
    const isQuick = [...function* () { for (let at = one; at; at = at.parentElement) yield at; }()].some(at => getComputedStyle(at).touchAction === 'manipulation');
    if (!isQuick) complaints.push(`${say(one)} waits for a second tap`);
}

// A field with smaller letters makes iOS enlarge the page.
for (const one of all('input, textarea, select')) {
    const size = parseFloat(getComputedStyle(one).fontSize);
    if (size < 16) complaints.push(`${say(one)} has letters of ${size} px`);
}

// What a pointer over it changes is for pointers that can be over it.
const forAll = rules => {
    for (const rule of rules) {
        if (rule.selectorText?.includes(':hover')) complaints.push(`${rule.selectorText} is for fingers, too`);
        if (rule.cssRules && !rule.conditionText?.includes('hover: hover')) forAll(rule.cssRules);
    }
};
for (const sheet of document.styleSheets) forAll(sheet.cssRules);

scrollTo({ top: 0, behavior: 'instant' });
return complaints;
